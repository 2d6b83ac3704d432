"""Do no harm: a strategy is compared with the plain start, which is returned when nothing is gained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.specs import default_strategy
from tlstudio.specs.checks import strategy_helped
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import MustBe
from tlstudio.training.phases.phase import Phase
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import plan_phases
from tlstudio.training.trials.comparison import compare
from tlstudio.training.trials.folds_progress import FoldsProgress
from tlstudio.training.trials.out_of_fold import Fold, folds_of_run, held_out_labels, out_of_fold_logits


def start_recipe(recipe: Recipe) -> Recipe:
    """The recipe of the plain start: a linear probe on the same images and backbone."""
    return recipe.model_copy(
        update={
            "strategy": default_strategy(trains_stages=False).id,
            "strategy_options": {},
            "inputs": {},
            "freeze": "head",
        }
    )


def without_harm(
    phases: Sequence[Phase], state: TrainingState, *, must_be: MustBe, emit: Emit, control: Control
) -> tuple[Phase, ...]:
    """The phases to run: those of the strategy, or those of the plain start when nothing is gained.

    Both are cross-validated on the same folds of the training and validation images; test images have no part
    in it. The comparison is written to the run folder, and a resumed run reads it there. With one image
    per class there is nothing to compare, and the strategy is taken.

    Args:
        phases: Of the strategy.
        state: Its classifier is as before when this returns.
        must_be: What the strategy must be for its result to be kept.
        emit: Receives progress.
        control: Checked once per batch. Stop ends the comparison, and the start is returned.

    Raises:
        UserError: Something that the person can mend.
        Cancelled: The person cancelled.
    """
    stage_names = state.classifier.backbone.stage_names
    start_state = replace(state, recipe=start_recipe(state.recipe))
    start = plan_phases(start_state.recipe, stage_names=stage_names)
    found = state.strategy_comparison()
    if found is None and each_is_the_only_one(state):
        return tuple(phases)
    if found is None:
        folds = folds_of_run(state)
        progress = comparing(folds, state, emit=emit)
        before = out_of_fold_logits(start, start_state, folds, progress=progress, control=control)
        after = (
            None
            if before is None
            else out_of_fold_logits(phases, state, folds, progress=progress, control=control)
        )
        if before is None or after is None:  # stopped: nothing was shown to help
            control.consume_stop()
            return start
        found = comparison_of(before, after, held_out_labels(state, folds), must_be=must_be)
        state.keep_strategy_comparison(found)
    if found.start_returned:
        emit(WarningRaised(run_id=state.run_id, code=strategy_helped.SPEC.id, message=found.sentence))
        return start
    return tuple(phases)


def comparing(folds: Sequence[Fold], state: TrainingState, *, emit: Emit) -> FoldsProgress:
    """One progress over the folds of the start and those of the strategy."""
    return FoldsProgress(
        2 * len(folds),
        stage="comparison",
        title="Comparing with the plain start",
        run_id=state.run_id,
        emit=emit,
    )


def each_is_the_only_one(state: TrainingState) -> bool:
    """Return whether every class has a single image, so that no image has others of its class."""
    images = state.train + state.validation
    return len({image.label for image in images}) == len(images)


def comparison_of(before: Tensor, after: Tensor, labels: Tensor, *, must_be: MustBe) -> StrategyComparison:
    """Compare the predictions of the plain start and of a strategy.

    Args:
        before: Logits [N, K] of the start.
        after: Logits [N, K] of the strategy.
        labels: int64 [N].
        must_be: What the strategy must be for its result to be kept.
    """
    first, second = (ONE_CLASS_EACH.decide(logits) == labels for logits in (before, after))
    found = compare(second, first)
    keeps = found.is_gain if must_be == "better" else found.difference >= -found.noise
    return StrategyComparison(
        start_accuracy=float(first.double().mean()),
        accuracy=float(second.double().mean()),
        n=len(labels),
        difference=found.difference,
        interval=found.interval.pair,
        start_returned=not keeps,
    )
