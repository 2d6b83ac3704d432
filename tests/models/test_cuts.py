from __future__ import annotations

import pytest
import torch
from torch import nn

from tlstudio.models.cuts import Cut, cut_model, holds, whole
from tlstudio.models.timm_models import build_model


def noise(size: int) -> torch.Tensor:
    return torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("timm_name", "first", "stages_count", "size"),
    [
        ("regnetx_002", ["stem", "s1", "s2", "s3", "s4"], 5, 64),
        ("swin_tiny_patch4_window7_224", ["stem", "layers.0"], 5, 224),
        ("densenet121", ["stem", "features.denseblock1"], None, 64),
        ("rexnet_100", ["stem", "features.0"], None, 64),
    ],
)
def test_a_model_of_another_family_is_cut_at_its_top_level_modules(
    timm_name: str, first: list[str], stages_count: int | None, size: int
) -> None:
    model = build_model(timm_name)
    with torch.inference_mode():
        features = model(noise(size))
    count = sum(tensor.numel() for tensor in model.parameters())
    cut = cut_model(model)
    names = [name for name, _ in cut.stages]
    assert names[: len(first)] == first
    assert stages_count is None or len(names) == stages_count
    assert sum(tensor.numel() for _, stage in cut.stages for tensor in stage.parameters()) == count
    assert holds(cut, images=noise(size), features=features)


class Skip(nn.Module):
    """Runs its modules in another way than one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 3, 1)
        self.second = nn.Conv2d(3, 3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.second(self.first(x)) + x).mean((2, 3))


class Overwriting(nn.Module):
    """A chain whose second part spoils what the first gave."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 3, 1)
        self.second = nn.Sequential(
            nn.ReLU(inplace=True), nn.Conv2d(3, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x))


def test_a_cut_with_other_features_is_wrong() -> None:
    model = Skip().eval()
    features = model(noise(8)).detach()
    assert not holds(cut_model(model), images=noise(8), features=features)
    assert holds(whole(model), images=noise(8), features=features)


def test_a_cut_with_a_stage_that_modifies_its_input_is_wrong() -> None:
    model = Overwriting().eval()
    features = model(noise(8)).detach()
    cut = Cut(stages=(("stem", model.first), ("second", model.second)), pool=nn.Identity())
    assert not holds(cut, images=noise(8), features=features)


def test_the_whole_model_can_be_one_stage() -> None:
    assert [name for name, _ in whole(nn.Linear(1, 1)).stages] == ["stem"]
