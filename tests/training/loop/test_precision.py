from __future__ import annotations

import pytest
import torch

from tlstudio.training.loop import precision
from tlstudio.training.loop.precision import Precision, precisions


@pytest.mark.parametrize(
    ("device", "modern", "wanted"),
    [
        ("cpu", True, ["bfloat16", "float32"]),
        ("cpu", False, ["float32"]),
        ("cuda", True, ["bfloat16", "float32"]),
        ("cuda", False, ["float16", "float32"]),
        ("mps", True, ["bfloat16", "float32"]),
        ("mps", False, ["float32"]),
    ],
)
def test_each_device_offers_the_formats_it_supports(
    device: str, modern: bool, wanted: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: modern)
    monkeypatch.setattr(torch.backends.mps, "is_macos_or_newer", lambda major, minor: modern)
    monkeypatch.setattr(precision, "has_bfloat16", lambda: modern)
    found = precisions(device)
    assert [one.name for one in found] == wanted
    assert [one.scaled for one in found] == [name == "float16" for name in wanted]
    assert {one.device for one in found} == {device}


@pytest.mark.parametrize("dtype", [None, torch.bfloat16])
def test_products_are_computed_in_the_chosen_format(dtype: torch.dtype | None):
    with Precision(device="cpu", dtype=dtype).computing():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == (dtype or torch.float32)


def test_the_scaler_changes_nothing_where_no_scaling_is_needed():
    scaler = Precision(device="cpu").scaler()
    loss = torch.tensor(3.0)
    assert scaler.scale(loss) is loss
    assert not scaler.is_enabled()
