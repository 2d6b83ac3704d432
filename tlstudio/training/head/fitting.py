"""Fitting the head alone, on pooled features of the plain images."""

from __future__ import annotations

import time
from functools import partial

import torch
from torch import Tensor

from tlstudio.compute.adaptive_batch import AdaptiveBatch
from tlstudio.compute.device import resident_memory_bytes
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, EpochEnded, Paused, ignore
from tlstudio.features.extractor import Activations
from tlstudio.features.images import label_tensor
from tlstudio.features.table import FeatureFile, Features
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS, L2_GRID, Answers, ProbeSolution, ProbeTrial, fit_probe
from tlstudio.training.head.problem import IN_MEMORY
from tlstudio.training.loop.checkpoint import TrainingProgress
from tlstudio.training.loop.fit import fit
from tlstudio.training.loop.trainable_model import FeatureTable, StandardisedHead, TrainableModel
from tlstudio.training.state import TrainingState

BATCH_SIZE = 64


@torch.no_grad()
def pooled_features(
    model: TrainableModel, activations: Activations, *, device: str, control: Control
) -> Features:
    """Pooled features [N, F] of the plain images, computed with the present weights of the trainable stages.

    Where the head alone trains they are read from the cache. Else every batch is filled up to one size, so
    that an image's feature does not depend on the number of images; few features stay in memory, many go to
    a temporary file.

    Args:
        model: Put in eval mode.
        activations: Activations at the model's freeze line.
        device: torch's device name.
        control: Checked once per batch.
    """
    control.check()
    if model.first_trainable is None:
        return activations.features()
    model.eval()
    n, size = len(activations.images), model.classifier.backbone.feature_size
    parts = [torch.zeros(0, size)]
    file = FeatureFile(size) if n * size > IN_MEMORY else None
    # Memory that runs out here runs out in training too, which reports it.
    batch = AdaptiveBatch(BATCH_SIZE, device=device, run_id="", emit=ignore)
    done = 0
    while done < n:
        control.check()
        features = batch.run(BATCH_SIZE, partial(_features, model, activations, done, device))
        done += len(features)
        if file is None:
            parts.append(features)
        else:
            file.append(features)
    return Features.of(torch.cat(parts)) if file is None else file.features()


def _features(model: TrainableModel, activations: Activations, start: int, device: str, size: int) -> Tensor:
    """Features [≤ size, F] on the CPU of the images from `start` on."""
    indices = list(range(start, min(start + size, len(activations.images))))
    batch = activations.read(indices + [indices[-1]] * (size - len(indices)))
    return model.features(batch.to(device))[: len(indices)].cpu()


def solve_head(state: TrainingState, *, emit: Emit, control: Control) -> ProbeSolution:
    """Set the linear head to the solution of a linear probe on the present features.

    Args:
        state: Its classifier's head is set.
        emit: Receives one event per `l2` tried, the largest first.
        control: Checked once per batch and `l2`.
    """
    extracted = state.extracted
    train, validation = (
        pooled_features(extracted.model, activations, device=state.device, control=control)
        for activations in (extracted.train, extracted.validation)
    )
    return solve_linear(state, train, validation, emit=emit, control=control)


def solve_linear(
    state: TrainingState,
    train: Features,
    validation: Features,
    *,
    image_weights: Tensor | None = None,
    answers: Answers | None = None,
    emit: Emit,
    control: Control,
) -> ProbeSolution:
    """Set the linear head to the solution of a linear probe on given features.

    Args:
        state: Its classifier's head is set.
        train: Features [N, F] of the training images; with answers, those of unlabelled ones follow.
        validation: Features [M, F] of the validation images.
        image_weights: How much each training image counts, float64 [N]; None counts all alike.
        answers: What a teacher answers for the images of `train`.
        emit: Receives one event per `l2` tried, the largest first.
        control: Checked once per `l2`.
    """
    started = time.monotonic()
    losses: list[float] = []

    def on_trial(index: int, trial: ProbeTrial) -> None:
        losses.append(trial.selection_loss)
        seconds = time.monotonic() - started
        emit(_trial_event(state.run_id, state.stage, index, trial, losses, seconds=seconds))
        control.check(on_pause=lambda: emit(Paused(run_id=state.run_id)))

    solution = fit_probe(
        train,
        label_tensor(state.train),
        validation_features=validation,
        validation_labels=label_tensor(state.validation),
        classes_count=len(state.recipe.classes),
        class_weighting=state.recipe.optimiser.class_weighting,
        folds=folds_of(state.train, count=FOLDS, seed=state.recipe.seed),
        image_weights=image_weights,
        answers=answers,
        on_trial=on_trial,
    )
    state.classifier.head.set_linear(solution.weight, solution.bias)
    return solution


def _trial_event(
    run_id: str, stage: str, index: int, trial: ProbeTrial, losses: list[float], *, seconds: float
) -> EpochEnded:
    return EpochEnded(
        run_id=run_id,
        axis="setting",
        stage=stage,
        epoch=index + 1,
        epochs=len(L2_GRID),
        train_loss=trial.train.log_loss,
        train_accuracy=trial.train.accuracy,
        validation_loss=trial.validation.log_loss,
        validation_accuracy=trial.validation.accuracy,
        validation_interval=trial.validation.interval.pair if trial.validation.interval else None,
        validation_n=trial.validation.n,
        confusion=trial.validation.confusion,
        best_epoch=losses.index(min(losses)) + 1,
        learning_rate=None,
        elapsed_seconds=seconds,
        memory_bytes=resident_memory_bytes(),
    )


def train_hidden_head(state: TrainingState, *, emit: Emit, control: Control) -> TrainingProgress:
    """Train a head with a hidden layer by AdamW on the features of the plain images.

    Args:
        state: Its classifier's head is trained in place; trainable stages stay as they are.
        emit: Receives batches and epochs.
        control: Checked once per batch.
    """
    extracted = state.extracted
    train, validation = (
        pooled_features(extracted.model, activations, device=state.device, control=control).loaded(IN_MEMORY)
        for activations in (extracted.train, extracted.validation)
    )
    head = StandardisedHead(state.classifier.head, features=train).to(state.device)
    progress = fit(
        head,
        train=state.images(FeatureTable(images=extracted.train.images, features=train)),
        validation=state.images(FeatureTable(images=extracted.validation.images, features=validation)),
        plan=state.fit_plan(),
        run_id=state.run_id,
        emit=emit,
        control=control,
    )
    head.fold()
    return progress
