"""Training the head alone on pooled features: the whole of a linear probe, and the start of a fine-tuning."""

from __future__ import annotations

import time

import torch
from torch import Tensor

from tlstudio.core.control import Control
from tlstudio.core.device import resident_memory_bytes
from tlstudio.core.events import Emit, EpochEnded, Paused
from tlstudio.training.checkpoint import Progress
from tlstudio.training.folds import folds_of
from tlstudio.training.frozen import Activations
from tlstudio.training.probe import FOLDS, STRENGTHS, ProbeSolution, ProbeTrial, fit_probe
from tlstudio.training.session import Session
from tlstudio.training.trainable import FeatureTable, StandardisedHead, TrainableSide
from tlstudio.training.trainer import fit

BATCH_SIZE = 64


@torch.no_grad()
def pooled(side: TrainableSide, activations: Activations, *, device: str, control: Control) -> Tensor:
    """Features float32 [N, F] on the CPU of the plain images, through the stages above the line as they are.

    Batches are filled up to one size: what is left over at the end is computed like the rest.
    """
    side.eval()
    n = len(activations.images)
    parts = [torch.zeros(0, side.classifier.backbone.feature_size)]
    for start in range(0, n, BATCH_SIZE):
        control.check()
        indices = list(range(start, min(start + BATCH_SIZE, n)))
        batch = activations.read(indices + [indices[-1]] * (BATCH_SIZE - len(indices)))
        parts.append(side.features(batch.to(device))[: len(indices)].cpu())
    return torch.cat(parts)


def solve_linear(
    session: Session, train: Tensor, validation: Tensor, *, told: bool, emit: Emit, control: Control
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
    session: Session,
    train: Activations,
    validation: Activations,
    *,
    side: TrainableSide,
    keep: bool,
    emit: Emit,
    control: Control,
) -> Progress:
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
    features = pooled(side, train, device=session.device, control=control)
    of_validation = pooled(side, validation, device=session.device, control=control)
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
