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
from tlstudio.training.strategies import plan_phases, strategy_spec
from tlstudio.training.trials.column_comparison import compare_columns, logits_alone
from tlstudio.training.trials.comparison import compare
from tlstudio.training.trials.folds_progress import FoldsProgress
from tlstudio.training.trials.out_of_fold import Fold, folds_of_run, held_out_labels, out_of_fold_logits


def start_recipe(recipe: Recipe) -> Recipe:
    """The recipe of the plain start: a linear probe on the same images and backbone.

    Of a strategy that learns several label columns it is the same strategy with every stage frozen, where
    each head is the linear probe of its column.
    """
    if strategy_spec(recipe.strategy).columns_input is not None:
        return recipe.model_copy(update={"freeze": "head"})
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
    if state.recipe.freeze == "head" and strategy_spec(state.recipe.strategy).columns_input is not None:
        return tuple(phases)  # they are the plain start
    stage_names = state.classifier.backbone.stage_names
    start_state = replace(state, recipe=start_recipe(state.recipe))
    start = plan_phases(start_state.recipe, stage_names=stage_names)
    found = state.strategy_comparison()
    if found is None and each_is_the_only_one(state):
        return tuple(phases)
    if found is None:
        found = _compared(phases, state, start, start_state, must_be=must_be, emit=emit, control=control)
        if found is None:  # stopped: nothing was shown to help
            control.consume_stop()
            return start
        state.keep_strategy_comparison(found)
    if found.start_returned:
        emit(WarningRaised(run_id=state.run_id, code=strategy_helped.SPEC.id, message=found.sentence))
        return start
    return tuple(phases)


def _compared(
    phases: Sequence[Phase],
    state: TrainingState,
    start: Sequence[Phase],
    start_state: TrainingState,
    *,
    must_be: MustBe,
    emit: Emit,
    control: Control,
) -> StrategyComparison | None:
    """Cross-validate the start and the strategy; None when the person stopped."""
    folds, columns = folds_of_run(state), len(state.classifier.columns)
    progress = comparing(folds, state, more=columns if columns > 1 else 0, emit=emit)
    before = out_of_fold_logits(start, start_state, folds, progress=progress, control=control)
    if before is None:
        return None
    after = out_of_fold_logits(phases, state, folds, progress=progress, control=control)
    if after is None:
        return None
    if columns == 1:
        return comparison_of(before, after, held_out_labels(state, folds), must_be=must_be)
    alone = logits_alone(phases, state, folds[0], progress=progress, control=control)
    if alone is None:  # stopped: whether the columns do one another harm is known
        control.consume_stop()
    return compare_columns(before, after, alone, state=state, folds=folds)


def comparing(folds: Sequence[Fold], state: TrainingState, *, more: int = 0, emit: Emit) -> FoldsProgress:
    """One progress over the folds of the start, those of the strategy, and `more` others."""
    return FoldsProgress(
        2 * len(folds) + more,
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
