"""Stages that training changed, beside what they were before."""

from __future__ import annotations

import torch

from tests.training.tiny import tiny_backbone
from tlstudio.models.stages import Backbone
from tlstudio.models.twin_stages import first_changed_stage, stages_from, with_twin_stages


def trained_from(stage: str) -> Backbone:
    """A copy of the tiny backbone in which this stage and those after it have other weights."""
    backbone = tiny_backbone()
    with torch.no_grad():
        for name in backbone.stages_from(stage):
            for parameter in backbone.stage(name).parameters():
                parameter.add_(0.1)
    return backbone


def test_the_first_changed_stage_is_found_also_by_its_statistics():
    before = tiny_backbone()
    assert first_changed_stage(tiny_backbone(), before) is None
    assert first_changed_stage(trained_from("middle"), before) == "middle"
    counted = tiny_backbone()
    counted.stage("top")[1].running_mean.add_(0.1)
    assert first_changed_stage(counted, before) == "top"


def test_the_twin_gives_both_features_and_shares_what_lies_before():
    before, after = tiny_backbone(), trained_from("middle")
    both = with_twin_stages(after, stages_from(before, "middle")).eval()
    assert both.stage_names == ("stem", "twins")
    assert both.stage("stem") is after.stage("stem")
    x = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(both(x), torch.cat([after(x), before(x)], dim=1), rtol=0, atol=0)


def test_everything_may_have_changed():
    before, after = tiny_backbone(), trained_from("stem")
    both = with_twin_stages(after, stages_from(before, "stem")).eval()
    x = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(both(x), torch.cat([after(x), before(x)], dim=1), rtol=0, atol=0)
