"""Strategies of transfer learning: one per file, found from its spec in `specs/strategies`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ValidationError

from tlstudio.core.errors import UserError
from tlstudio.specs import STRATEGIES
from tlstudio.specs.freeze_line import first_top_stage
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.registry import implementation
from tlstudio.specs.spec import StrategySpec
from tlstudio.specs.validation_words import refusal_words
from tlstudio.training.phases.phase import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """The job that a strategy plans phases for.

    Attributes:
        recipe: Recipe of the run.
        stage_names: Stages of the backbone, in order.
        options: The strategy's own options, of the model that its spec names.
    """

    recipe: Recipe
    stage_names: tuple[str, ...]
    options: BaseModel

    @property
    def inputs(self) -> Mapping[str, str]:
        """The inputs besides the labelled images, by the id of its `InputSpec`."""
        return self.recipe.inputs


class Strategy(Protocol):
    """A way of transferring knowledge: `IMPLEMENTATION` of a module named like its id."""

    def plan(self, job: TrainingJob) -> tuple[Phase, ...]:
        """Return its phases in order, without running any.

        Raises:
            UserError: The recipe's settings do not fit the strategy.
        """
        ...


def plan_phases(recipe: Recipe, *, stage_names: Sequence[str]) -> tuple[Phase, ...]:
    """The phases of a recipe's strategy.

    Args:
        recipe: Its `freeze` is not "auto".
        stage_names: Stages of the backbone, in order.

    Raises:
        UserError: There is no such strategy, or the settings do not fit it.
    """
    spec = strategy_spec(recipe.strategy)
    strategy: Strategy = implementation(spec, package=__name__)
    recipe = with_freeze_line(recipe, stage_names=stage_names)
    job = TrainingJob(recipe=recipe, stage_names=tuple(stage_names), options=parsed_options(spec, recipe))
    return strategy.plan(job)


def with_freeze_line(recipe: Recipe, *, stage_names: Sequence[str]) -> Recipe:
    """The recipe; where its strategy needs stages and all are frozen, with the freeze line at the top stages.

    Args:
        recipe: Of a run.
        stage_names: Stages of the backbone, in order.
    """
    if recipe.freeze != "head" or not strategy_spec(recipe.strategy).needs_stages:
        return recipe
    return recipe.model_copy(update={"freeze": first_top_stage(stage_names)})


def refuse_trained_stages(job: TrainingJob, *, name: str) -> None:
    """Refuse a freeze line below the head, for a strategy that trains the head alone.

    Args:
        job: The job.
        name: Of the strategy, as the subject of a sentence.

    Raises:
        UserError: The freeze line is not at the head.
    """
    if job.recipe.freeze != "head":
        others = " or ".join(spec.id for spec in STRATEGIES if spec.trains_stages)
        raise UserError(
            f"{name} trains the head alone, but the freeze line is at “{job.recipe.freeze}”.",
            mend=f"Choose the strategy {others}, or freeze all but the head.",
        )


def strategy_spec(strategy_id: str) -> StrategySpec:
    """The spec of a strategy.

    Raises:
        UserError: There is none of that id; all ids are listed.
    """
    if strategy_id not in STRATEGIES:
        raise UserError(
            f"There is no strategy “{strategy_id}”.", mend=f"Use one of: {', '.join(STRATEGIES.ids())}."
        )
    return STRATEGIES.get(strategy_id)


def with_checked_options(recipe: Recipe) -> Recipe:
    """The recipe with every option of its strategy written out, defaults included.

    Raises:
        UserError: No such strategy, an option that it does not have or whose value is not allowed, or an
            input that it needs or does not know.
    """
    spec = strategy_spec(recipe.strategy)
    options = parsed_options(spec, recipe).model_dump(mode="json")
    for needed in spec.inputs:
        if needed.must_be_given and not recipe.inputs.get(needed.id):
            raise UserError(
                f"The strategy {spec.id} needs something more: {needed.title}.",
                mend=f"Give it with {needed.flag}.",
            )
    unknown = sorted(set(recipe.inputs) - {known.id for known in spec.inputs})
    if unknown:
        raise UserError(
            f"The strategy {spec.id} has no use for the input “{unknown[0]}”.", mend="Leave it out."
        )
    return recipe.model_copy(update={"strategy_options": options})


def parsed_options(spec: StrategySpec, recipe: Recipe) -> BaseModel:
    """The recipe's strategy options as the spec's model.

    Raises:
        UserError: An option that the strategy does not have, or a value that is not allowed.
    """
    try:
        return spec.options.model_validate(recipe.strategy_options)
    except ValidationError as error:
        place, words = refusal_words(error)
        option = f"The option “{'.'.join(place)}”" if place else "The options"
        raise UserError(
            f"{option} of the strategy {spec.id} cannot be used: {words}.",
            mend="Correct it, or leave it out.",
        ) from error
