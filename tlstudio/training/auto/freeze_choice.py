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
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageProgress, StageStarted, TrialEnded, without_progress
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.extractor import Activations
from tlstudio.specs import LINES_TRIED, STRATEGIES
from tlstudio.specs.recipe import OptimiserSettings, Recipe
from tlstudio.training.head.fitting import pooled_features
from tlstudio.training.head.folds import folds_of
from tlstudio.training.loop.checkpoint import copy_of, restore_parameters
from tlstudio.training.phases.sequence import run_phases
from tlstudio.training.state import TrainingState
from tlstudio.training.strategies import plan_phases

FOLDS = 3
CROSS_VALIDATED_UP_TO = 1000
"""Training images; beyond, the validation images are enough, and three trainings per line cost too much."""
MOST_EPOCHS = 6
STANDARD_ERRORS = 1.6
"""A difference up to this many counts as noise. With one, a single trial wins by luck in 16 % of cases;
with this, each of three trials has a third of that chance."""
TRIED_WITH = {"batch_size": 8, "learning_rate_stages": 1e-3}
"""In place of the gentle defaults, which move a few hundred images' stages hardly at all in so few epochs:
cross-validated on six sets this gained 2 to 5 points on three of them (defaults: none), and what it loses on
others is not chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fold:
    """One division of the images, as indices: those to learn from, and those to predict."""

    train: Tensor
    held_out: Tensor


def choose_freeze(state: TrainingState, *, emit: Emit, control: Control) -> Recipe:
    """Try the head alone and then lower freeze lines, and choose the one to train with.

    Args:
        state: Its classifier is as before when this returns.
        emit: Receives one event per trial.
        control: Checked once per batch; stop ends the trials and takes the best so far, which then trains.

    Returns:
        The state's recipe with a strategy, a freeze line and the settings that the line was tried with. A
        chosen line keeps its last epoch: it was compared on many more images than validation has, which so
        few must not overrule.

    Raises:
        Cancelled: The person cancelled.
        UserError: An image can no longer be read, or the head is not linear.
    """
    if state.recipe.head.kind != "linear":
        raise UserError(
            "The freeze line can be chosen for you only with a linear head.",
            mend="Choose a linear head, or set the freeze line yourself.",
        )
    folds = tuple(_folds(state))
    started = time.monotonic()
    candidates = tuple(_candidates(state))
    best, best_correct = candidates[0], None
    for candidate in candidates:
        correct = _trial(state, candidate, folds, emit=emit, control=control)
        if correct is None:  # the person stopped during this trial
            break
        if best_correct is None or _gains(correct, best_correct):
            best, best_correct = candidate, correct
        seconds = time.monotonic() - started
        emit(_trial_event(state.run_id, candidate, correct, is_best=best is candidate, seconds=seconds))
        if control.stopped:
            break
    control.consume_stop()  # it ended the trials; what is best so far is still to be trained
    return best


def _candidates(state: TrainingState) -> Iterator[Recipe]:
    """The recipes to try, the cheapest first: the head alone, then freeze lines from the top down."""
    lines = tuple(reversed(state.classifier.backbone.stage_names[-LINES_TRIED:]))
    for spec in STRATEGIES:
        if spec.tried_automatically:
            settings = {"strategy": spec.id, "strategy_options": {}, "inputs": {}}
            recipe = state.recipe.model_copy(update=settings)
            if spec.trains_stages:
                yield from (_for_few_epochs(recipe, line) for line in lines)
            else:
                yield recipe.model_copy(update={"freeze": "head"})


def _for_few_epochs(recipe: Recipe, line: str) -> Recipe:
    """The recipe for a freeze line; settings that the person changed stay as they are."""
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
            "refit_head": True,
        }
    )


def _folds(state: TrainingState) -> Iterator[_Fold]:
    train_count, count = len(state.train), len(state.train) + len(state.validation)
    if train_count > CROSS_VALIDATED_UP_TO and state.validation:
        yield _Fold(train=torch.arange(train_count), held_out=torch.arange(train_count, count))
        return
    numbers = folds_of(state.train + state.validation, count=FOLDS, seed=state.recipe.seed)
    for number in range(FOLDS):
        yield _Fold(train=(numbers != number).nonzero()[:, 0], held_out=(numbers == number).nonzero()[:, 0])


def _gains(correct: Tensor, before: Tensor) -> bool:
    """Whether McNemar's test with continuity correction finds a gain; one image more never is one."""
    won, lost = int((correct & ~before).sum()), int((before & ~correct).sum())
    return bool(won - lost - 1 > STANDARD_ERRORS * (won + lost) ** 0.5)


def _trial(
    state: TrainingState, recipe: Recipe, folds: tuple[_Fold, ...], *, emit: Emit, control: Control
) -> Tensor | None:
    """Whether each held-out image was predicted correctly: bool, fold by fold; None if stopped."""
    images = state.train + state.validation
    everything = replace(state, recipe=recipe, train=images, validation=(), last_checkpoint=None)
    phases = plan_phases(recipe, stage_names=state.classifier.backbone.stage_names)
    shared = tuple(takewhile(lambda phase: not phase.learns, phases))
    run_phases(shared, everything, emit=emit, control=control)
    line = recipe.freeze
    title = "Trying: only the head" if line == "head" else f"Trying: training from {line} up"
    emit(StageStarted(run_id=state.run_id, stage="choice", title=title, total=len(folds)))
    parameters = everything.extracted.model.trainable_parameters()
    untouched = copy_of(parameters)
    labels = torch.tensor([image.label for image in images])
    correct = []
    try:
        for number, fold in enumerate(folds, 1):
            restore_parameters(parameters, untouched)
            learning = _state_of(everything, fold)
            run_phases(phases[len(shared) :], learning, emit=without_progress(emit), control=control)
            predicted = _predicted(learning, everything, fold, control=control)
            if control.stopped:
                return None
            correct.append(predicted == labels[fold.held_out])
            emit(StageProgress(run_id=state.run_id, stage="choice", done=number, total=len(folds)))
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
    run_id: str, recipe: Recipe, correct: Tensor, *, is_best: bool, seconds: float
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
    )
