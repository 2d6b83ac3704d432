"""Choose for me: the freeze line is lowered from the top as long as that gains more than its noise.

What is compared is the share of correct predictions on images that had no part in the training behind them:
training and validation images together, in three folds; on large sets the validation images alone. Test
images are never used. A lower line must predict more images correctly that were predicted wrongly before
than the other way round, by more than the noise of that difference and one image; so what is chosen is rarely
luck, and the head alone stays when nothing beats it. Each trial runs the very phases of its strategy.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, TrialEnded
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.specs.recipe import Recipe
from tlstudio.training.auto.candidates import candidate_recipes
from tlstudio.training.auto.tries import TriesProgress, expected_tries
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import plan_phases
from tlstudio.training.trials.comparison import Comparison, compare
from tlstudio.training.trials.out_of_fold import Fold, folds_of_run, held_out_labels, out_of_fold_logits


def choose_freeze(state: TrainingState, *, emit: Emit, control: Control) -> Recipe:
    """Try the head alone and then lower freeze lines, and choose the one to train with.

    Args:
        state: Its classifier is as before when this returns.
        emit: Receives one progress over all trials, and one event per trial.
        control: Checked once per batch; stop ends the trials and takes the best so far, which then trains.

    Returns:
        The state's recipe with a strategy, a freeze line and the settings that the line was tried with. A
        chosen line keeps its last epoch: it was compared on many more images than validation has, which so
        few must not overrule.

    Raises:
        Cancelled: The person cancelled.
        UserError: An image can no longer be read, or the head is not linear.
    """
    candidates = candidate_recipes(state.recipe, stage_names=state.classifier.backbone.stage_names)
    folds = folds_of_run(state)
    started = time.monotonic()
    tries = TriesProgress(
        expected_tries(state, candidates, folds=len(folds)), folds=len(folds), run_id=state.run_id, emit=emit
    )
    best = candidates[0]
    best_correct: Tensor | None = None
    for candidate in candidates:
        line = candidate.freeze
        tries.begin("only the head" if line == "head" else f"training from {line} up")
        correct = _trial(state, candidate, folds, tries=tries, control=control)
        if correct is None:  # the person stopped during this trial
            break
        comparison = None if best_correct is None else compare(correct, best_correct)
        against = None if comparison is None else best.freeze
        is_best = comparison is None or comparison.is_gain
        if is_best:
            best, best_correct = candidate, correct
        tries.end(is_best=is_best)
        seconds = time.monotonic() - started
        emit(
            _trial_event(
                state.run_id,
                candidate,
                correct,
                comparison=comparison,
                against=against,
                is_best=is_best,
                seconds=seconds,
            )
        )
        if control.stopped:
            break
    control.consume_stop()  # it ended the trials; what is best so far is still to be trained
    return best


def _trial(
    state: TrainingState,
    recipe: Recipe,
    folds: Sequence[Fold],
    *,
    tries: TriesProgress,
    control: Control,
) -> Tensor | None:
    """Mark the held-out images that are predicted correctly: bool, fold by fold; None if stopped."""
    logits = out_of_fold_logits(
        plan_phases(recipe, stage_names=state.classifier.backbone.stage_names),
        replace(state, recipe=recipe),
        folds,
        emit=tries.listen,
        control=control,
        fold_ended=tries.fold_ended,
    )
    return None if logits is None else ONE_CLASS_EACH.decide(logits) == held_out_labels(state, folds)


def _trial_event(
    run_id: str,
    recipe: Recipe,
    correct: Tensor,
    *,
    comparison: Comparison | None,
    against: str | None,
    is_best: bool,
    seconds: float,
) -> TrialEnded:
    return TrialEnded(
        run_id=run_id,
        freeze=recipe.freeze,
        accuracy=float(correct.double().mean()),
        interval=wilson(int(correct.sum()), len(correct)).pair,
        n=len(correct),
        elapsed_seconds=seconds,
        best=is_best,
        against=against,
        difference=None if comparison is None else comparison.difference,
        noise=None if comparison is None else comparison.noise,
    )
