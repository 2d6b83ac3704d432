from __future__ import annotations

import pytest
import torch
from torch import nn

from tlstudio.core.types import Preprocessing
from tlstudio.models.stages import Backbone


def backbone() -> Backbone:
    torch.manual_seed(0)
    stages = [
        ("stem", nn.Conv2d(3, 4, 3, stride=2)),
        ("blocks.0", nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU())),
        ("blocks.1", nn.Conv2d(4, 5, 1)),
    ]
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return Backbone("tiny", stages=stages, pool=pool, feature_size=5, preprocessing=Preprocessing())


def test_forward_gives_one_feature_per_image() -> None:
    assert backbone()(torch.randn(2, 3, 9, 9)).shape == (2, 5)


def test_an_empty_range_of_stages_returns_its_input() -> None:
    x = torch.randn(2, 4, 4, 4)
    assert backbone().run_stages(x, start="blocks.0", end="blocks.0") is x


def test_stages_in_the_middle_run_alone() -> None:
    whole, x = backbone(), torch.randn(2, 3, 9, 9)
    middle = whole.run_stages(whole.run_stages(x, end="blocks.0"), start="blocks.0", end="blocks.1")
    assert torch.equal(whole.run_stages(middle, start="blocks.1"), whole(x))
    assert not torch.equal(middle, whole.run_stages(x, end="blocks.0"))


@pytest.mark.parametrize(
    "part", [{"start": "nothing"}, {"end": "nothing"}, {"start": "blocks.1", "end": "stem"}]
)
def test_impossible_ranges_are_refused(part: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="stage"):
        backbone().run_stages(torch.randn(1, 3, 9, 9), **part)


def test_stages_from_the_freeze_line_on_are_named() -> None:
    assert backbone().stages_from("blocks.0") == ("blocks.0", "blocks.1")
    assert backbone().stages_from(None) == ()
    with pytest.raises(ValueError, match="nothing"):
        backbone().stages_from("nothing")


def test_equal_stage_names_or_a_pool_with_weights_are_refused() -> None:
    make = {"pool": nn.Identity(), "feature_size": 1, "preprocessing": Preprocessing()}
    with pytest.raises(ValueError, match="different names"):
        Backbone("twice", stages=[("a.b", nn.Identity()), ("a_b", nn.Identity())], **make)
    with pytest.raises(ValueError, match="pool"):
        Backbone("pool", stages=[("a", nn.Identity())], **{**make, "pool": nn.Linear(1, 1)})
