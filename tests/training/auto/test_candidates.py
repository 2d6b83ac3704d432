"""The recipes that are compared."""

from __future__ import annotations

import pytest

from tlstudio.core.errors import UserError
from tlstudio.specs.recipe import HeadSettings, OptimiserSettings, Recipe
from tlstudio.training.auto.candidates import (
    MOST_EPOCHS,
    TRIED_WITH,
    candidate_recipes,
)

STAGES = ("stem", "one", "two", "three", "four")


def test_the_head_comes_first_and_then_lines_from_the_top_down():
    tried = candidate_recipes(Recipe(freeze="auto"), stage_names=STAGES)
    assert [recipe.freeze for recipe in tried] == ["head", "four", "three", "two"]
    assert [recipe.freeze for recipe in candidate_recipes(Recipe(), stage_names=STAGES[:2])] == [
        "head",
        "one",
        "stem",
    ]


def test_lines_train_briefly_and_settings_of_the_person_stay():
    own = Recipe(epochs=50, optimiser=OptimiserSettings(learning_rate_stages=2e-4))
    _, line, *_ = candidate_recipes(own, stage_names=STAGES)
    assert (line.epochs, line.patience, line.kept_epoch) == (MOST_EPOCHS, 0, "last")
    assert line.optimiser.learning_rate_stages == 2e-4
    assert line.optimiser.batch_size == TRIED_WITH["batch_size"]
    assert candidate_recipes(Recipe(epochs=2), stage_names=STAGES)[1].epochs == 2


def test_a_hidden_head_is_refused():
    with pytest.raises(UserError, match="only with a linear head"):
        candidate_recipes(Recipe(head=HeadSettings(kind="hidden")), stage_names=STAGES)
