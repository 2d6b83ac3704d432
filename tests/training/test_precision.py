from __future__ import annotations

import pytest
import torch

from tlstudio.training.precision import Precision, precision_for


@pytest.mark.parametrize(
    ("device", "modern", "dtype", "scaled"),
    [
        ("cpu", True, None, False),
        ("cuda", True, torch.bfloat16, False),
        ("cuda", False, torch.float16, True),
        ("mps", True, torch.bfloat16, False),
        ("mps", False, None, False),
    ],
)
def test_each_device_computes_in_what_it_can(
    device: str, modern: bool, dtype: torch.dtype | None, scaled: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: modern)
    monkeypatch.setattr(torch.backends.mps, "is_macos_or_newer", lambda major, minor: modern)
    assert precision_for(device, head_only=False) == Precision(device=device, dtype=dtype, scaled=scaled)
    assert precision_for(device, head_only=True) == Precision(device=device)


@pytest.mark.parametrize("dtype", [None, torch.bfloat16])
def test_products_are_computed_in_it(dtype: torch.dtype | None):
    with Precision(device="cpu", dtype=dtype).computing():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == (dtype or torch.float32)


def test_without_need_of_a_scale_a_loss_passes_unchanged():
    scaler = Precision(device="cpu").scaler()
    loss = torch.tensor(3.0)
    assert scaler.scale(loss) is loss
    assert not scaler.is_enabled()
