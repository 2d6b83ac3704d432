"""The recipes that "Choose for me" compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.freeze_words import tried_words
from tlstudio.specs import LINES_TRIED, STRATEGIES
from tlstudio.specs.recipe import OptimiserSettings, Recipe

MOST_EPOCHS = 6
TRIED_WITH = {"batch_size": 8, "learning_rate_stages": 1e-3, "averaging": 0.1}
"""Settings of the trials in place of the gentle defaults, which move a few hundred images' stages hardly at
all in so few epochs: cross-validated on six sets this gained 2 to 5 points on three of them (defaults:
none), and what it loses on others is not chosen."""


OPTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "with crops": {"augmentation": {"crop": 0.3}},
    "no mirroring": {"augmentation": {"flip_horizontal": False}},
    "more gently": {"optimiser": {"learning_rate_stages": 3e-4}},
}
"""Other settings that a budget leaves time for, by their names: some sets gain by what harms others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A recipe to try.

    Attributes:
        recipe: All its settings.
        option: Name of the setting in which it differs from the best line; empty for a line itself.
    """

    recipe: Recipe
    option: str = ""

    @property
    def title(self) -> str:
        """A few words for what is tried."""
        return tried_words(self.recipe.freeze, self.option)

    def without(self, option: str) -> Candidate:
        """The same with an option of its strategy switched off."""
        options = {**self.recipe.strategy_options, option: False}
        return replace(self, recipe=self.recipe.model_copy(update={"strategy_options": options}))


def first_candidates(recipe: Recipe, *, stage_names: Sequence[str]) -> tuple[Candidate, ...]:
    """The recipes to try first, the cheapest first: the head alone, then freeze lines from the top down.

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
    candidates: list[Candidate] = []
    for spec in STRATEGIES:
        if spec.tried_automatically:
            settings = {"strategy": spec.id, "strategy_options": {}, "inputs": {}}
            of_strategy = recipe.model_copy(update=settings)
            if spec.trains_stages:
                candidates += [Candidate(recipe=_for_few_epochs(of_strategy, line)) for line in lines]
            else:
                candidates.append(Candidate(recipe=of_strategy.model_copy(update={"freeze": "head"})))
    return tuple(candidates)


def option_candidates(best: Candidate, *, wished: Recipe) -> tuple[Candidate, ...]:
    """The best line with other settings; none for the head alone, and none that the person has changed.

    Args:
        best: The line.
        wished: The recipe of the run.
    """
    if best.option or best.recipe.freeze == "head":
        return ()
    candidates = []
    for name, changes in OPTIONS.items():
        update = {}
        for section, settings in changes.items():
            own = getattr(wished, section)
            if all(getattr(own, key) == getattr(type(own)(), key) for key in settings):
                update[section] = getattr(best.recipe, section).model_copy(update=settings)
        changed = best.recipe.model_copy(update=update)
        if changed != best.recipe:
            candidates.append(Candidate(recipe=changed, option=name))
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
