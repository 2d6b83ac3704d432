"""What a choice on the Model page changes in the recipe."""

from __future__ import annotations

from typing import Any

import pytest

from tlstudio.gui.pages.model.choice import choose_backbone, choose_freeze, choose_strategy
from tlstudio.specs.recipe import Recipe

STAGES = ["stem", "blocks.0", "blocks.1", "head_conv"]


def draft(**values: Any) -> Recipe:
    return Recipe.model_validate(values)


PROBE = draft()
AUTO = draft(strategy="fine-tune", freeze="auto")
TUNED = draft(strategy="fine-tune", freeze="blocks.1")
SEVERAL = draft(strategy="multi-task", freeze="blocks.1")


@pytest.mark.parametrize(
    ("before", "freeze", "strategy", "words"),
    [
        (PROBE, "blocks.0", "fine-tune", "because stages train"),
        (PROBE, "none", "fine-tune", "because stages train"),
        (TUNED, "head", "linear-probe", "because every stage is frozen"),
        (TUNED, "blocks.0", "fine-tune", None),
        (SEVERAL, "blocks.0", "multi-task", None),
        (SEVERAL, "head", "multi-task", None),
        (PROBE, "auto", "fine-tune", ""),
        (draft(strategy="of-another-version"), "head", "linear-probe", "because every stage is frozen"),
    ],
)
def test_the_strategy_follows_the_freeze_line(before: Recipe, freeze: str, strategy: str, words: str | None):
    choice = choose_freeze(before, freeze)
    assert choice.changes == {"freeze": freeze, "strategy": strategy}
    assert choice.note == words or (words and choice.note and words in choice.note)


@pytest.mark.parametrize(
    ("before", "strategy", "changes"),
    [
        (PROBE, "fine-tune", {"strategy": "fine-tune", "freeze": "blocks.1"}),
        (AUTO, "fine-tune", {"strategy": "fine-tune", "freeze": "blocks.1"}),
        (TUNED, "linear-probe", {"strategy": "linear-probe", "freeze": "head"}),
        (TUNED, "auto", {"strategy": "fine-tune", "freeze": "auto", "backbone": {"compared": True}}),
        (PROBE, "multi-task", {"strategy": "multi-task", "freeze": "head"}),
        (TUNED, "multi-task", {"strategy": "multi-task", "freeze": "blocks.1"}),
        (AUTO, "multi-task", {"strategy": "multi-task", "freeze": "head"}),
    ],
)
def test_the_freeze_line_follows_the_strategy(before: Recipe, strategy: str, changes: dict[str, Any]):
    assert choose_strategy(before, strategy, stages=STAGES).changes == changes


def test_the_freeze_line_stays_while_the_stages_are_not_known():
    assert choose_strategy(PROBE, "fine-tune", stages=[]).changes == {"strategy": "fine-tune"}


def test_another_backbone_leaves_the_file_with_weights_and_moves_the_line():
    choice = choose_backbone(TUNED, "vit", stages=["patch_embed", "blocks.0"], old_stages=STAGES)
    assert choice.changes == {
        "backbone": {"id": "vit", "weights_file": None, "compared": False},
        "freeze": "blocks.0",
        "strategy": "fine-tune",
    }
    assert "other stages" in choice.note
    same = choose_backbone(TUNED, "lite1", stages=STAGES, old_stages=STAGES)
    assert same.changes == {"backbone": {"id": "lite1", "weights_file": None, "compared": False}}
    unknown = choose_backbone(TUNED, "resnet34", stages=[], old_stages=STAGES)
    assert (unknown.changes["freeze"], unknown.changes["strategy"]) == ("head", "linear-probe")
