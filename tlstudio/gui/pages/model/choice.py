"""Computes how a choice on the Model page changes the recipe, with a note about it. Imports no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tlstudio.gui.pages.model.text import AUTO, freeze_value, frozen_count
from tlstudio.specs import STRATEGIES, default_strategy, settings_to_choose
from tlstudio.specs.freeze_line import top_stages_frozen
from tlstudio.specs.spec import StrategySpec

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe


COMPARED = "The backbones that are ready offline are compared first. Choose one at the left to keep to it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The consequences of a choice.

    Attributes:
        changes: For `AppState.update_recipe`.
        note: A sentence about what else changed; empty when nothing did, None keeps the last one.
    """

    changes: dict[str, Any]
    note: str | None = ""


def strategy_of(recipe: Recipe) -> StrategySpec | None:
    """The spec of a recipe's strategy; None when this version has no such strategy."""
    return STRATEGIES.get(recipe.strategy) if recipe.strategy in STRATEGIES else None


def choose_freeze(recipe: Recipe, freeze: str) -> Choice:
    """Move the freeze line; a strategy that does not fit it is replaced by the default one.

    Args:
        recipe: The draft.
        freeze: "head", "none", "auto" or the first stage that trains.
    """
    trains = freeze != "head"
    current = strategy_of(recipe)
    if freeze == AUTO:
        return Choice(changes={"freeze": AUTO, "strategy": default_strategy(trains_stages=True).id})
    if current is not None and (current.fits_any_line or current.trains_stages is trains):
        return Choice(
            changes={"freeze": freeze, "strategy": current.id}, note=None
        )  # the line is being dragged
    spec = default_strategy(trains_stages=trains)
    reason = "stages train" if trains else "every stage is frozen"
    return Choice(
        changes={"freeze": freeze, "strategy": spec.id},
        note=f"The strategy is “{spec.short}” now, because {reason}.",
    )


def choose_strategy(recipe: Recipe, strategy: str, *, stages: Sequence[str]) -> Choice:
    """Change the strategy; a freeze line that does not fit it is moved.

    Args:
        recipe: The draft.
        strategy: Id of a strategy, or "auto".
        stages: Names of the backbone's stages, from the input upwards; empty while they are not known.
    """
    if strategy == AUTO:
        return Choice(changes=settings_to_choose(), note=COMPARED)
    spec = STRATEGIES.get(strategy)
    if spec.fits_any_line:
        # The quick way first: every stage is frozen until the person moves the line.
        freeze = "head" if recipe.freeze == AUTO else recipe.freeze
        return Choice(changes={"strategy": strategy, "freeze": freeze})
    if not spec.trains_stages:
        changes: dict[str, Any] = {"strategy": strategy, "freeze": "head"}
        moved = recipe.freeze != "head"
        return Choice(
            changes=changes, note="The freeze line moved to the top: only the head learns." if moved else ""
        )
    if stages and (recipe.freeze == AUTO or frozen_count(recipe.freeze, stages) == len(stages)):
        freeze = freeze_value(top_stages_frozen(len(stages)), stages)
        return Choice(
            changes={"strategy": strategy, "freeze": freeze},
            note="The freeze line moved down: the top stages learn too.",
        )
    return Choice(changes={"strategy": strategy})


def choose_backbone(
    recipe: Recipe, backbone: str, *, stages: Sequence[str], old_stages: Sequence[str]
) -> Choice:
    """Change the backbone; if its stages differ, the freeze line moves to the preset "Top stages".

    Args:
        recipe: The draft.
        backbone: Id of the backbone.
        stages: Names of its stages; empty while they are not known.
        old_stages: Names of the stages of the recipe's backbone.
    """
    # Weights of a file belong to the backbone they were chosen for.
    changes: dict[str, Any] = {"backbone": {"id": backbone, "weights_file": None, "compared": False}}
    if recipe.freeze in ("head", "none", AUTO) or list(stages) == list(old_stages):
        return Choice(changes=changes)
    # A stage of the same name has another position in another backbone.
    freeze = freeze_value(top_stages_frozen(len(stages)), stages) if stages else "head"
    moved = choose_freeze(recipe, freeze)
    return Choice(
        changes={**changes, **moved.changes}, note="The freeze line moved: this backbone has other stages."
    )
