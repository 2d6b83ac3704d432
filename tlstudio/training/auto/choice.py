"""Choose for me: more is trained only as long as that gains more than its noise.

What is compared is the share of correct predictions on images that had no part in the training behind them:
training and validation images together, in three folds; on large sets the validation images alone. Test
images are never used. A try must predict more images correctly that were predicted wrongly before than the
other way round, by more than the noise of that difference and one image; so what is chosen is rarely luck,
and the head alone stays when nothing beats it. A try that after a fold has no more images right than the best
so far ends there: it would hardly come out clearly better, and the time goes to those that may. Each try runs
the very phases of its strategy. A last phase that may be left out is left out where the answers without it
are nearer to the truth, by their log loss over all images.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, Event, Paused, TrialEnded, WarningRaised
from tlstudio.core.wording import count
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.specs.recipe import Recipe
from tlstudio.training.auto.candidates import Candidate, first_candidates, option_candidates
from tlstudio.training.auto.tries import TriesProgress, expected_tries
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import plan_phases
from tlstudio.training.trials.comparison import Comparison, compare
from tlstudio.training.trials.out_of_fold import Fold, folds_of_run, held_out_labels, logits_by_fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The recipe that was chosen, with its answers.

    Attributes:
        recipe: To train with.
        logits: How classifiers of this recipe answered for the held-out images of all folds, fold by fold:
            float32 [N, K]; None when the person stopped before the first try ended.
    """

    recipe: Recipe
    logits: Tensor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """The answers of a candidate.

    Attributes:
        candidate: The recipe that was tried.
        logits: Of the held-out images of the folds that it was tried on: float32 [N, K].
        correct: Whether each of them was predicted correctly: bool [N].
        is_whole: Whether it was tried on all folds.
    """

    candidate: Candidate
    logits: Tensor
    correct: Tensor
    is_whole: bool


def choose(
    state: TrainingState, *, emit: Emit, control: Control, clock: Callable[[], float] = time.monotonic
) -> Choice:
    """Try the head alone, then lower freeze lines, and with a budget other settings of the best line.

    Args:
        state: Its classifier is as before when this returns.
        emit: Receives one progress over all tries, and one event per try.
        control: Checked once per batch; stop ends the tries and takes the best so far, which then trains.
        clock: Seconds.

    Returns:
        The state's recipe with a strategy, a freeze line and the settings that the line was tried with, and
        its answers. A chosen line keeps its last epoch: it was compared on many more images than validation
        has, which so few must not overrule. In the end the recipe also learns from the validation images.

    Raises:
        Cancelled: The person cancelled.
        UserError: An image can no longer be read, or the head is not linear.
    """
    candidates = list(first_candidates(state.recipe, stage_names=state.classifier.backbone.stage_names))
    folds = folds_of_run(state)
    labels = held_out_labels(state, folds)
    started, budget = clock(), state.recipe.budget_seconds
    expected = expected_tries(state, [candidate.recipe for candidate in candidates], folds=len(folds))
    tries = TriesProgress(expected, folds=len(folds), run_id=state.run_id, emit=emit)

    def is_over() -> bool:
        return budget is not None and clock() - started >= budget

    best: _Tried | None = None
    number, lines = 0, len(candidates)
    while number < len(candidates):
        candidate = candidates[number]
        tries.begin(candidate.title)
        tried = _try(
            state, candidate, folds, labels, best=best, tries=tries, control=control, is_over=is_over
        )
        if tried is None:  # it was not decided when the person stopped or the time was over
            break
        comparison = None if best is None else compare(tried.correct, best.correct[: len(tried.correct)])
        is_best = comparison is None or (tried.is_whole and comparison.is_gain)
        tries.end(is_best=is_best)
        emit(
            _event(state.run_id, tried, comparison, against=best, is_best=is_best, seconds=clock() - started)
        )
        best = tried if is_best else best
        number += 1
        if control.stopped or is_over():
            break
        if number == lines and budget is not None and best is not None:
            more = option_candidates(best.candidate, wished=state.recipe)
            candidates += more
            tries.add(expected_tries(state, [one.recipe for one in more], folds=len(folds)))
    control.consume_stop()  # it ended the tries; what is best so far is still to be trained
    if is_over():
        emit(_budget_note(state.run_id, left=len(candidates) - number))
    if best is None:
        return Choice(recipe=candidates[0].recipe, logits=None)
    return Choice(
        recipe=best.candidate.recipe.model_copy(update={"learns_from": "train+validation"}),
        logits=best.logits,
    )


def _try(
    state: TrainingState,
    candidate: Candidate,
    folds: Sequence[Fold],
    labels: Tensor,
    *,
    best: _Tried | None,
    tries: TriesProgress,
    control: Control,
    is_over: Callable[[], bool],
) -> _Tried | None:
    """Try a candidate on one fold after the other, as long as it may turn out better than the best so far."""
    predicted: list[tuple[Tensor, ...]] = []
    ends: list[Tensor] = []
    is_decided = False
    phases = plan_phases(candidate.recipe, stage_names=state.classifier.backbone.stage_names)
    learning = replace(state, recipe=candidate.recipe)

    def listen(event: Event) -> None:
        # As the person stops it, which would also end a pause. The first try always ends by itself.
        if best is not None and not isinstance(event, Paused) and is_over():
            control.stop()
        tries.listen(event)

    with closing(logits_by_fold(phases, learning, folds, emit=listen, control=control)) as by_fold:
        for of_fold in by_fold:
            predicted.append(of_fold)
            ends = [torch.cat(of_end) for of_end in zip(*predicted, strict=True)]
            tries.fold_ended()
            is_decided = len(predicted) == len(folds)
            if best is not None and not _may_be_better(ends, labels, best.correct):
                is_decided = True
                break
            if best is not None and is_over():
                break
    if not is_decided:
        return None
    done = labels[: len(ends[0])]
    losses = [float(ONE_CLASS_EACH.loss(logits.double(), done)) for logits in ends]
    chosen = losses.index(min(losses))
    left_out = phases[-1].option if chosen < len(ends) - 1 else None
    return _Tried(
        candidate=candidate if left_out is None else candidate.without(left_out),
        logits=ends[chosen],
        correct=ONE_CLASS_EACH.decide(ends[chosen]) == done,
        is_whole=len(predicted) == len(folds),
    )


def _may_be_better(ends: Sequence[Tensor], labels: Tensor, best_correct: Tensor) -> bool:
    """Return whether more images are predicted correctly than by the best so far, with or without the end."""
    done = len(ends[0])
    most = max(int((ONE_CLASS_EACH.decide(logits) == labels[:done]).sum()) for logits in ends)
    return most > int(best_correct[:done].sum())


def _event(
    run_id: str,
    tried: _Tried,
    comparison: Comparison | None,
    *,
    against: _Tried | None,
    is_best: bool,
    seconds: float,
) -> TrialEnded:
    candidate, correct = tried.candidate, tried.correct
    return TrialEnded(
        run_id=run_id,
        freeze=candidate.recipe.freeze,
        option=candidate.option,
        accuracy=float(correct.double().mean()),
        interval=wilson(int(correct.sum()), len(correct)).pair,
        n=len(correct),
        elapsed_seconds=seconds,
        best=is_best,
        against=against.candidate.recipe.freeze if against else None,
        against_option=against.candidate.option if against else "",
        difference=None if comparison is None else comparison.difference,
        noise=None if comparison is None else comparison.noise,
        ended_early=not tried.is_whole,
    )


def _budget_note(run_id: str, *, left: int) -> WarningRaised:
    message = "The time for trying was over"
    message += f"; {count(left, 'try was', plural='tries were')} left out." if left else "."
    return WarningRaised(run_id=run_id, code="budget-over", message=message, severity="note")
