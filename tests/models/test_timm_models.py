from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import timm
import torch

from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing
from tlstudio.models.timm_models import adapt_state, build_model, recorded_preprocessing, recorded_size

RECORD = {
    "architecture": "some_net",
    "input_size": (3, 240, 240),
    "crop_pct": 0.882,
    "interpolation": "bicubic",
    "mean": (0.1, 0.2, 0.3),
    "std": (0.4, 0.5, 0.6),
    "crop_mode": "center",
}


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Preprocessing]:
    def read(*, size: int | None = None, **changes: object) -> Preprocessing:
        record = SimpleNamespace(**(RECORD | changes))
        monkeypatch.setattr(timm, "get_pretrained_cfg", lambda name: record)
        return recorded_preprocessing("some_net", input_size=size)

    return read


def test_the_recorded_values_become_the_preprocessing(recorded: Callable[..., Preprocessing]) -> None:
    made = recorded()
    assert (made.input_size, made.resize_size) == (240, 272)
    assert (made.mean, made.std) == ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert (made.interpolation, made.fit) == ("bicubic", "crop")
    assert recorded(crop_pct=0.95, input_size=(3, 224, 224)).resize_size == 235
    assert recorded(interpolation="bilinear").interpolation == "bilinear"
    assert recorded(crop_mode="border").fit == "pad"
    assert recorded(crop_pct=1.0, size=112).resize_size == 112


@pytest.mark.parametrize("size", [(1, 224, 224), (3, 224, 256)])
def test_models_for_grey_or_oblong_images_are_refused(
    size: tuple[int, int, int], recorded: Callable[..., Preprocessing]
) -> None:
    with pytest.raises(UserError, match="some_net"):
        recorded(input_size=size)


def test_a_transformers_position_embedding_is_resampled() -> None:
    assert recorded_size("vit_small_patch14_dinov2.lvd142m") == 518
    with torch.device("meta"):
        large = build_model("vit_small_patch14_dinov2.lvd142m")
        model = build_model("vit_small_patch14_dinov2.lvd142m", input_size=224)
    assert large.pos_embed.shape == (1, 1 + 37 * 37, 384)
    state = {name: torch.zeros(tensor.shape) for name, tensor in large.state_dict().items()}
    adapted = adapt_state(model, state)
    assert adapted["pos_embed"].shape == model.pos_embed.shape == (1, 1 + 16 * 16, 384)


def test_tensor_names_of_families_without_rules_are_kept() -> None:
    with torch.device("meta"):
        model = build_model("resnet18")
    state = {"conv1.weight": torch.zeros(1)}
    assert adapt_state(model, state) is state
