"""Choose for me: the freeze line is lowered from the top as long as that gains more than its noise.

What is compared is the share of right answers on images that had no part in the training that answers them:
training and validation images together, in three folds; on large sets the validation images alone. Test
images are never looked at. A lower line must answer more images rightly that were answered wrongly before
than the other way round, by more than the noise of that difference and one image; so what is chosen is rarely
luck, and the linear probe stays when nothing beats it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, StageProgress, StageStarted, TrialEnded, ignore, only_warnings
from tlstudio.core.recipe import OptimiserSettings, Recipe
from tlstudio.evaluation.intervals import wilson
from tlstudio.features.extractor import Activations
from tlstudio.features.images import RunImage
from tlstudio.features.table import Features
from tlstudio.features.views import PLAIN, cached_views
from tlstudio.training.head.fitting import pooled, solve_linear
from tlstudio.training.head.folds import folds_of
from tlstudio.training.loop.checkpoint import copy_of, put_back
from tlstudio.training.loop.fit import fit
from tlstudio.training.loop.trainable_model import TrainableModel
from tlstudio.training.state import TrainingState

FOLDS = 3
CROSS_VALIDATED_UP_TO = 1000
"""Training images; beyond, the validation images tell enough, and three trainings per line cost too much."""
LINES_TRIED = 3
"""Stages from the top; below them a training from a few hundred images gains no more than it costs."""
MOST_EPOCHS = 6
STANDARD_ERRORS = 1.6
"""Of the difference, that count as noise. One standard error leaves one try a chance of 16 % to win by luck;
this leaves each of three tries a third of that."""
TRIED_WITH = {"batch_size": 8, "learning_rate_stages": 1e-3}
"""In place of the gentle defaults, which move a few hundred images' stages hardly at all in so few epochs:
cross-validated on six sets this gained 2 to 5 points on three of them (defaults: none), and what it loses on
others is not chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """One division: numbers of the images to learn from, and of those to be answered."""

    learn: Tensor
    answer: Tensor


def choose_freeze(session: TrainingState, *, emit: Emit, control: Control) -> Recipe:
    """Try the linear probe and then lower freeze lines, and say which to train with.

    Returns:
        The session's recipe with a strategy, a freeze line and the settings that the line was tried with. A
        chosen line keeps its last epoch: it was compared with the probe on many more images than validation
        has, which so few must not overrule.

    Args:
        session: Its classifier is as before when this returns.
        emit: Told of every trial.
        control: Asked once per batch; stop ends the trials and takes the best so far, which then trains.

    Raises:
        Cancelled: The person cancelled.
        UserError: An image can no longer be read, or the head is not linear.
    """
    if session.recipe.head.kind != "linear":
        raise UserError(
            "The freeze line can be chosen for you only with a linear head.",
            mend="Choose a linear head, or set the freeze line yourself.",
        )
    images = session.train + session.validation
    rounds = list(_rounds(session))
    started = time.monotonic()
    probe = session.recipe.model_copy(update={"strategy": "linear-probe", "freeze": "head"})
    best, best_right = probe, None
    for line in (None, *reversed(session.classifier.backbone.stage_names[-LINES_TRIED:])):
        tried = probe if line is None else _fine_tuning(session.recipe, line)
        right = _trial(replace(session, recipe=tried), images, rounds, line=line, emit=emit, control=control)
        if right is None:  # the person stopped in the middle of it
            break
        if best_right is None or _gains(right, best_right):
            best, best_right = tried, right
        emit(_told(session, line, right, best, seconds=time.monotonic() - started))
        if control.stopped:
            break
    control.consume_stop()  # it ended the trials; what is best so far is still to be trained
    return best


def _fine_tuning(recipe: Recipe, line: str) -> Recipe:
    """The recipe for a line; settings that the person changed stay as they are."""
    defaults = OptimiserSettings()
    untouched = {
        name: value
        for name, value in TRIED_WITH.items()
        if getattr(recipe.optimiser, name) == getattr(defaults, name)
    }
    return recipe.model_copy(
        update={
            "strategy": "fine-tune",
            "freeze": line,
            "optimiser": recipe.optimiser.model_copy(update=untouched),
            "epochs": min(MOST_EPOCHS, recipe.epochs),
            "patience": 0,
            "kept_epoch": "last",
            "refit_head": True,
        }
    )


def _rounds(session: TrainingState) -> Iterator[_Round]:
    train, everything = len(session.train), len(session.train) + len(session.validation)
    if train > CROSS_VALIDATED_UP_TO and session.validation:
        yield _Round(learn=torch.arange(train), answer=torch.arange(train, everything))
        return
    folds = folds_of(session.train + session.validation, count=FOLDS, seed=session.recipe.seed)
    for fold in range(FOLDS):
        yield _Round(learn=(folds != fold).nonzero()[:, 0], answer=(folds == fold).nonzero()[:, 0])


def _gains(right: Tensor, before: Tensor) -> bool:
    """McNemar's comparison with continuity correction: one image more is no gain, whatever its noise."""
    won, lost = int((right & ~before).sum()), int((before & ~right).sum())
    return bool(won - lost - 1 > STANDARD_ERRORS * (won + lost) ** 0.5)


def _trial(
    session: TrainingState,
    images: tuple[RunImage, ...],
    rounds: list[_Round],
    *,
    line: str | None,
    emit: Emit,
    control: Control,
) -> Tensor | None:
    """Whether each image that is answered was answered rightly: bool, in the order of the rounds."""
    title = "Trying: only the head" if line is None else f"Trying: training from {line} up"
    everything = replace(session, train=images, validation=())
    views = (PLAIN,) if line is None else cached_views(session.recipe.augmentation, seed=session.recipe.seed)
    activations, _ = everything.activations(first_trainable=line, views=views, emit=emit, control=control)
    emit(StageStarted(run_id=session.run_id, stage="choice", title=title, total=len(rounds)))
    side = TrainableModel(session.classifier, first_trainable=line).to(session.device)
    parameters = {name: p for name, p in side.named_parameters() if p.requires_grad}
    untouched = copy_of(parameters)
    labels = torch.tensor([image.label for image in images])
    try:
        features = pooled(side, activations, device=session.device, control=control)
        right = []
        for number, part in enumerate(rounds, 1):
            put_back(parameters, untouched)
            answers = _answers(
                everything, side, activations, features, part, line=line, emit=emit, control=control
            )
            if control.stopped:
                return None
            right.append(answers == labels[part.answer])
            emit(StageProgress(run_id=session.run_id, stage="choice", done=number, total=len(rounds)))
    finally:
        put_back(parameters, untouched)
    return torch.cat(right)


def _answers(
    session: TrainingState,
    side: TrainableModel,
    activations: Activations,
    features: Features,
    part: _Round,
    *,
    line: str | None,
    emit: Emit,
    control: Control,
) -> Tensor:
    """Classes [len(part.answer)] given by what was trained on the round's other images."""
    learn = replace(session, train=tuple(session.train[i] for i in part.learn.tolist()))
    solve_linear(learn, features[part.learn], features[:0], told=False, emit=ignore, control=control)
    if line is None:
        return _classes(session, features[part.answer])
    fit(
        side,
        train=learn.images(replace(activations, images=learn.train)),
        validation=None,
        plan=learn.plan(keep=False),
        run_id=session.run_id,
        emit=only_warnings(emit),
        control=control,
    )
    learnt = pooled(side, replace(activations, images=learn.train), device=session.device, control=control)
    solve_linear(learn, learnt, features[:0], told=False, emit=ignore, control=control)
    answered = replace(activations, images=tuple(session.train[i] for i in part.answer.tolist()))
    new_features = pooled(side, answered, device=session.device, control=control)
    return _classes(session, new_features)


@torch.inference_mode()
def _classes(session: TrainingState, features: Features) -> Tensor:
    head = session.classifier.head.eval()
    return torch.cat([head(block.to(session.device)).argmax(dim=1).cpu() for block in features.blocks()])


def _told(
    session: TrainingState, line: str | None, right: Tensor, best: Recipe, *, seconds: float
) -> TrialEnded:
    interval = wilson(int(right.sum()), len(right))
    freeze = line or "head"
    return TrialEnded(
        run_id=session.run_id,
        freeze=freeze,
        accuracy=float(right.double().mean()),
        interval=(interval.low, interval.high),
        n=len(right),
        elapsed_seconds=seconds,
        best=best.freeze == freeze,
    )
