"""The recipes that are compared."""

from __future__ import annotations

import pytest

from tlstudio.core.errors import UserError
from tlstudio.specs.recipe import HeadSettings, OptimiserSettings, Recipe
from tlstudio.training.auto.candidates import (
    MOST_EPOCHS,
    OPTIONS,
    TRIED_WITH,
    first_candidates,
    option_candidates,
)

STAGES = ("stem", "one", "two", "three", "four")


def test_the_head_comes_first_and_then_lines_from_the_top_down():
    tried = first_candidates(Recipe(freeze="auto"), stage_names=STAGES)
    assert [one.recipe.freeze for one in tried] == ["head", "four", "three", "two"]
    assert [one.recipe.freeze for one in first_candidates(Recipe(), stage_names=STAGES[:2])] == [
        "head",
        "one",
        "stem",
    ]


def test_lines_train_briefly_and_settings_of_the_person_stay():
    own = Recipe(epochs=50, optimiser=OptimiserSettings(learning_rate_stages=2e-4))
    line = first_candidates(own, stage_names=STAGES)[1].recipe
    assert (line.epochs, line.patience, line.kept_epoch) == (MOST_EPOCHS, 0, "last")
    assert line.optimiser.learning_rate_stages == 2e-4
    assert line.optimiser.batch_size == TRIED_WITH["batch_size"]
    assert first_candidates(Recipe(epochs=2), stage_names=STAGES)[1].recipe.epochs == 2


def test_a_hidden_head_is_refused():
    with pytest.raises(UserError, match="only with a linear head"):
        first_candidates(Recipe(head=HeadSettings(kind="hidden")), stage_names=STAGES)


def test_other_settings_are_those_that_the_person_left_alone():
    wished = Recipe(freeze="auto", augmentation={"flip_horizontal": False, "crop": 0.1})
    line = first_candidates(wished, stage_names=STAGES)[1]
    assert [one.option for one in option_candidates(line, wished=wished)] == ["more gently"]
    wished = Recipe(freeze="auto")
    head, line, *_ = first_candidates(wished, stage_names=STAGES)
    options = option_candidates(line, wished=wished)
    assert [one.option for one in options] == list(OPTIONS)
    assert options[0].title == "from four up, with crops"
    assert options[0].recipe.augmentation.crop > 0
    assert option_candidates(head, wished=wished) == option_candidates(options[0], wished=wished) == ()
