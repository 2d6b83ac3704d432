"""Choose for me: the freeze line is lowered from the top as long as that gains more than its noise.

What is compared is the share of correct predictions on images that had no part in the training behind them:
training and validation images together, in three folds; on large sets the validation images alone. Test
images are never used. A lower line must predict more images correctly that were predicted wrongly before
than the other way round, by more than the noise of that difference and one image; so what is chosen is rarely
luck, and the head alone stays when nothing beats it. Each trial runs the very phases of its strategy.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, TrialEnded
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.extractor import Activations
from tlstudio.specs.recipe import Recipe
from tlstudio.training.auto.candidates import candidate_recipes, folds_count
from tlstudio.training.auto.comparison import Comparison, compare
from tlstudio.training.auto.tries import TriesProgress, expected_tries
from tlstudio.training.head.fitting import pooled_features
from tlstudio.training.head.folds import folds_of
from tlstudio.training.loop.checkpoint import copy_of, restore_parameters
from tlstudio.training.phases.sequence import run_phases
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import plan_phases


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fold:
    """One division of the images, as indices: those to learn from, and those to predict."""

    train: Tensor
    held_out: Tensor


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
    folds = tuple(_folds(state))
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


def _folds(state: TrainingState) -> Iterator[_Fold]:
    train_count, count = len(state.train), len(state.train) + len(state.validation)
    folds = folds_count(train=train_count, validation=len(state.validation))
    if folds == 1:
        yield _Fold(train=torch.arange(train_count), held_out=torch.arange(train_count, count))
        return
    numbers = folds_of(state.train + state.validation, count=folds, seed=state.recipe.seed)
    for number in range(folds):
        yield _Fold(train=(numbers != number).nonzero()[:, 0], held_out=(numbers == number).nonzero()[:, 0])


def _trial(
    state: TrainingState,
    recipe: Recipe,
    folds: tuple[_Fold, ...],
    *,
    tries: TriesProgress,
    control: Control,
) -> Tensor | None:
    """Whether each held-out image was predicted correctly: bool, fold by fold; None if stopped."""
    images = state.train + state.validation
    everything = replace(state, recipe=recipe, train=images, validation=(), last_checkpoint=None)
    phases = plan_phases(recipe, stage_names=state.classifier.backbone.stage_names)
    shared = tuple(takewhile(lambda phase: not phase.learns, phases))
    run_phases(shared, everything, emit=tries.listen, control=control)
    parameters = everything.extracted.model.trainable_parameters()
    untouched = copy_of(parameters)
    labels = torch.tensor([image.label for image in images])
    correct = []
    try:
        for fold in folds:
            restore_parameters(parameters, untouched)
            learning = _state_of(everything, fold)
            run_phases(phases[len(shared) :], learning, emit=tries.listen, control=control)
            predicted = _predicted(learning, everything, fold, control=control)
            if control.stopped:
                return None
            correct.append(predicted == labels[fold.held_out])
            tries.fold_ended()
    finally:
        restore_parameters(parameters, untouched)
    return torch.cat(correct)


def _state_of(everything: TrainingState, fold: _Fold) -> TrainingState:
    """The state in which a fold's phases begin: with the activations of the images to learn from."""
    train = _selected_images(everything.extracted.train, fold.train)
    state = replace(everything, train=train.images, exact_features=ExactFeatures())
    state.extracted = replace(everything.extracted, train=train)
    return state


def _selected_images(activations: Activations, indices: Tensor) -> Activations:
    return replace(activations, images=tuple(activations.images[i] for i in indices.tolist()))


@torch.inference_mode()
def _predicted(
    learning: TrainingState, everything: TrainingState, fold: _Fold, *, control: Control
) -> Tensor:
    """Predicted classes [N] of the N held-out images."""
    held_out = _selected_images(everything.extracted.train, fold.held_out)
    features = pooled_features(learning.extracted.model, held_out, device=learning.device, control=control)
    head = learning.classifier.head.eval()
    return torch.cat(
        [ONE_CLASS_EACH.decide(head(block.to(learning.device))).cpu() for block in features.blocks()]
    )


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
    interval = wilson(int(correct.sum()), len(correct))
    return TrialEnded(
        run_id=run_id,
        freeze=recipe.freeze,
        accuracy=float(correct.double().mean()),
        interval=(interval.low, interval.high),
        n=len(correct),
        elapsed_seconds=seconds,
        best=is_best,
        against=against,
        difference=None if comparison is None else comparison.difference,
        noise=None if comparison is None else comparison.noise,
    )
