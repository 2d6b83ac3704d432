"""The recipes that "Choose for me" compares."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.core.errors import UserError
from tlstudio.specs import LINES_TRIED, STRATEGIES
from tlstudio.specs.recipe import OptimiserSettings, Recipe

MOST_EPOCHS = 6
TRIED_WITH = {"batch_size": 8, "learning_rate_stages": 1e-3}
"""Settings of the trials in place of the gentle defaults, which move a few hundred images' stages hardly at
all in so few epochs: cross-validated on six sets this gained 2 to 5 points on three of them (defaults:
none), and what it loses on others is not chosen."""


def candidate_recipes(recipe: Recipe, *, stage_names: Sequence[str]) -> tuple[Recipe, ...]:
    """The recipes to try, the cheapest first: the head alone, then freeze lines from the top down.

    Args:
        recipe: Of the run; settings that the person changed stay as they are.
        stage_names: Stages of the backbone, in order.

    Raises:
        UserError: The head is not linear.
    """
    if recipe.head.kind != "linear":
        raise UserError(
            "The freeze line can be chosen for you only with a linear head.",
            mend="Choose a linear head, or set the freeze line yourself.",
        )
    lines = tuple(reversed(stage_names[-LINES_TRIED:]))
    candidates: list[Recipe] = []
    for spec in STRATEGIES:
        if spec.tried_automatically:
            settings = {"strategy": spec.id, "strategy_options": {}, "inputs": {}}
            of_strategy = recipe.model_copy(update=settings)
            if spec.trains_stages:
                candidates += [_for_few_epochs(of_strategy, line) for line in lines]
            else:
                candidates.append(of_strategy.model_copy(update={"freeze": "head"}))
    return tuple(candidates)


def _for_few_epochs(recipe: Recipe, line: str) -> Recipe:
    defaults = OptimiserSettings()
    untouched = {
        name: value
        for name, value in TRIED_WITH.items()
        if getattr(recipe.optimiser, name) == getattr(defaults, name)
    }
    return recipe.model_copy(
        update={
            "freeze": line,
            "optimiser": recipe.optimiser.model_copy(update=untouched),
            "epochs": min(MOST_EPOCHS, recipe.epochs),
            "patience": 0,
            "kept_epoch": "last",
        }
    )
