"""Training the head alone on pooled features: the whole of a linear probe, and the start of a fine-tuning."""

from __future__ import annotations

import time
from functools import partial

import torch
from torch import Tensor

from tlstudio.compute.device import resident_memory_bytes
from tlstudio.compute.fitting_batch import FittingBatch
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, EpochEnded, Paused, ignore
from tlstudio.features.extractor import Activations
from tlstudio.features.table import FeatureFile, Features
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS, IN_MEMORY, STRENGTHS, ProbeSolution, ProbeTrial, fit_probe
from tlstudio.training.loop.checkpoint import TrainingProgress
from tlstudio.training.loop.fit import fit
from tlstudio.training.loop.trainable_model import FeatureTable, StandardisedHead, TrainableModel
from tlstudio.training.state import TrainingState

BATCH_SIZE = 64


@torch.no_grad()
def pooled(side: TrainableModel, activations: Activations, *, device: str, control: Control) -> Features:
    """Features [N, F] of the plain images, through the stages above the line as they are.

    Where the head alone trains they are in the cache already, and stay there. Else batches are filled up to
    one size, so that what is left over at the end is computed like the rest; few features stay in memory,
    many go to a temporary file.
    """
    control.check()
    if side.first_trainable is None:
        return activations.features()
    side.eval()
    n, size = len(activations.images), side.classifier.backbone.feature_size
    parts = [torch.zeros(0, size)]
    file = FeatureFile(size) if n * size > IN_MEMORY else None
    # Memory that runs out here runs out in training too, which says so.
    batch = FittingBatch(BATCH_SIZE, device=device, run_id="", emit=ignore)
    done = 0
    while done < n:
        control.check()
        features = batch.attempt(BATCH_SIZE, partial(_features, side, activations, done, device))
        done += len(features)
        if file is None:
            parts.append(features)
        else:
            file.append(features)
    return Features.of(torch.cat(parts)) if file is None else file.features()


def _features(side: TrainableModel, activations: Activations, start: int, device: str, size: int) -> Tensor:
    """Features [≤ size, F] on the CPU of the images from `start` on."""
    indices = list(range(start, min(start + size, len(activations.images))))
    batch = activations.read(indices + [indices[-1]] * (size - len(indices)))
    return side.features(batch.to(device))[: len(indices)].cpu()


def solve_pooled(
    session: TrainingState,
    side: TrainableModel,
    train: Activations,
    validation: Activations,
    *,
    told: bool,
    emit: Emit,
    control: Control,
) -> ProbeSolution:
    """Give the linear head the solution of a linear probe on the features as they are now.

    Args:
        session: Its classifier's head is set.
        side: What lies above the line, as it is now.
        train: Activations of the training images at the line of `side`.
        validation: Likewise.
        told: See `solve_linear`.
        emit: Told of the strengths.
        control: Asked once per batch and strength.
    """
    features, of_validation = (
        pooled(side, activations, device=session.device, control=control)
        for activations in (train, validation)
    )
    return solve_linear(session, features, of_validation, told=told, emit=emit, control=control)


def solve_linear(
    session: TrainingState, train: Features, validation: Features, *, told: bool, emit: Emit, control: Control
) -> ProbeSolution:
    """Give the linear head the solution of a linear probe.

    Args:
        session: Its classifier's head is set.
        train: Features [N, F] of the training images.
        validation: Features [M, F] of the validation images.
        told: Emit each strength as an epoch: epoch 1 is the strongest regularisation, the last the weakest.
        emit: Told of them.
        control: Asked once per strength.
    """
    started = time.monotonic()
    losses: list[float] = []

    def on_trial(index: int, trial: ProbeTrial) -> None:
        losses.append(trial.choice_loss)
        if told:
            emit(_epoch(session.run_id, index, trial, losses, seconds=time.monotonic() - started))
        control.check(on_pause=lambda: emit(Paused(run_id=session.run_id)))

    solution = fit_probe(
        train,
        torch.tensor([image.label for image in session.train], dtype=torch.int64),
        validation_features=validation,
        validation_labels=torch.tensor([image.label for image in session.validation], dtype=torch.int64),
        classes_count=len(session.recipe.classes),
        class_weighting=session.recipe.optimiser.class_weighting,
        folds=folds_of(session.train, count=FOLDS, seed=session.recipe.seed),
        on_trial=on_trial,
    )
    session.classifier.head.set_linear(solution.weight, solution.bias)
    return solution


def _epoch(run_id: str, index: int, trial: ProbeTrial, losses: list[float], *, seconds: float) -> EpochEnded:
    return EpochEnded(
        run_id=run_id,
        epoch=index + 1,
        epochs=len(STRENGTHS),
        train_loss=trial.train.log_loss,
        train_accuracy=trial.train.accuracy,
        validation_loss=trial.validation.log_loss,
        validation_accuracy=trial.validation.accuracy,
        validation_interval=trial.validation.interval,
        validation_n=trial.validation.n,
        confusion=trial.validation.confusion,
        best_epoch=losses.index(min(losses)) + 1,
        learning_rate=None,
        elapsed_seconds=seconds,
        memory_bytes=resident_memory_bytes(),
    )


def train_hidden(
    session: TrainingState,
    train: Activations,
    validation: Activations,
    *,
    side: TrainableModel,
    keep: bool,
    emit: Emit,
    control: Control,
) -> TrainingProgress:
    """Train a head with a hidden layer by AdamW on the features of the plain images.

    Args:
        session: Its classifier's head is trained in place.
        train: Activations of the training images at the line of `side`.
        validation: Likewise.
        side: What lies above the line; its stages stay as they are here.
        keep: Write checkpoints.
        emit: Told of batches and epochs.
        control: Asked once per batch.
    """
    features, of_validation = (
        pooled(side, activations, device=session.device, control=control).at_hand(IN_MEMORY)
        for activations in (train, validation)
    )
    head = StandardisedHead(session.classifier.head, features=features).to(session.device)
    progress = fit(
        head,
        train=session.images(FeatureTable(images=train.images, features=features)),
        validation=session.images(FeatureTable(images=validation.images, features=of_validation)),
        plan=session.plan(keep=keep),
        run_id=session.run_id,
        emit=emit,
        control=control,
    )
    head.fold()
    return progress
