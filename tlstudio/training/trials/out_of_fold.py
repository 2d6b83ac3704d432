"""Predicts every image by phases that ran without it: cross-validation of a whole strategy."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile

import torch
from torch import Tensor, nn

from tlstudio.core.control import Control
from tlstudio.core.events import Emit
from tlstudio.data.units import unit_numbers
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.extractor import Activations
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.table import Features
from tlstudio.models.classifier import Classifier
from tlstudio.training.head.fitting import pooled_features
from tlstudio.training.head.folds import folds_of
from tlstudio.training.loop.checkpoint import copy_of, restore_parameters
from tlstudio.training.phases.phase import Phase, changes_backbone
from tlstudio.training.phases.sequence import run_phases
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.folds_progress import FoldsProgress

FOLDS = 3
CROSS_VALIDATED_UP_TO = 1000
"""Training images; beyond, the validation images are enough, and three trainings cost too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One division of the images, as indices: those to learn from, and those to predict.

    Attributes:
        train: int64 indices of training images, then validation images.
        held_out: The indices left.
    """

    train: Tensor
    held_out: Tensor


def folds_count(*, train: int, validation: int) -> int:
    """Return the number of folds on which phases are tried; 1 stands for the validation images.

    Args:
        train: Number of training images.
        validation: Number of validation images.
    """
    return 1 if train > CROSS_VALIDATED_UP_TO and validation else FOLDS


def folds_of_run(state: TrainingState) -> tuple[Fold, ...]:
    """The folds of a run's training and validation images together; of very many, the validation images."""
    train_count, count = len(state.train), len(state.train) + len(state.validation)
    folds = folds_count(train=train_count, validation=len(state.validation))
    if folds == 1:
        return (Fold(train=torch.arange(train_count), held_out=torch.arange(train_count, count)),)
    numbers = folds_of(state.train + state.validation, count=folds, seed=state.recipe.seed)
    return tuple(
        Fold(train=(numbers != number).nonzero()[:, 0], held_out=(numbers == number).nonzero()[:, 0])
        for number in range(folds)
    )


def held_out_labels(state: TrainingState, folds: Sequence[Fold]) -> Tensor:
    """The labels of the images that the folds predict, fold by fold: int64 [N]."""
    labels = label_tensor(state.train + state.validation)
    return torch.cat([labels[fold.held_out] for fold in folds])


def out_of_fold_logits(
    phases: Sequence[Phase],
    state: TrainingState,
    folds: Sequence[Fold],
    *,
    progress: FoldsProgress,
    control: Control,
) -> Tensor | None:
    """Run phases on each fold and predict its held-out images.

    Args:
        phases: Of a strategy.
        state: See `logits_by_fold`.
        folds: From `folds_of_run`.
        progress: Receives the events of the phases, and the end of each fold.
        control: Checked once per batch; stop ends it.

    Returns:
        Logits [N, K] of the held-out images, fold by fold, on the CPU; None when the person stopped.

    Raises:
        UserError: Something that the person can mend.
        Cancelled: The person cancelled.
    """
    logits = []
    with closing(logits_by_fold(phases, state, folds, emit=progress.listen, control=control)) as predicted:
        for ends in predicted:
            logits.append(ends[-1])
            progress.fold_ended()
    return torch.cat(logits) if len(logits) == len(folds) else None


def logits_by_fold(
    phases: Sequence[Phase],
    state: TrainingState,
    folds: Sequence[Fold],
    *,
    emit: Emit,
    control: Control,
) -> Generator[tuple[Tensor, ...], None, None]:
    """Run phases on one fold after the other.

    Phases before the first that learns from labels run once, for all folds.

    Args:
        phases: Of a strategy.
        state: With the recipe that the phases were planned for. Its classifier is as before once this is
            exhausted or closed; nothing is written to the run folder.
        folds: From `folds_of_run`.
        emit: Receives the events of the phases.
        control: Checked once per batch; stop ends it.

    Yields:
        For each fold the logits [N, K] of its held-out images after all phases, on the CPU, those of all
        label columns side by side; before them those without the last phase, where that may be left out.

    Raises:
        UserError: Something that the person can mend.
        Cancelled: The person cancelled.
    """
    images = state.train + state.validation
    everything = replace(state, train=images, validation=(), last_checkpoint=None, keeps_comparisons=False)
    shared = tuple(takewhile(lambda phase: not phase.learns, phases))
    backbone = dict(state.classifier.backbone.named_parameters()) if changes_backbone(shared) else {}
    with _restored(state.classifier, backbone):
        run_phases(shared, everything, emit=emit, control=control)
        for fold in folds:
            with _restored(state.classifier, everything.extracted.model.trainable_parameters()):
                learning = _state_of(everything, fold)
                optional = len(phases) if phases[-1].option is None else len(phases) - 1
                run_phases(phases[len(shared) : optional], learning, emit=emit, control=control)
                features = _held_out_features(learning, everything, fold, control=control)
                ends = [_logits(learning, features)]
                if optional < len(phases):
                    run_phases(phases[optional:], learning, emit=emit, control=control)
                    ends.append(_logits(learning, features))
            if control.stopped:
                return
            yield tuple(ends)


@contextmanager
def _restored(classifier: Classifier, parameters: Mapping[str, nn.Parameter]) -> Iterator[None]:
    """Put a classifier's head, its weights, and other parameters back when the block ends."""
    head = classifier.head
    of_head, values = copy_of(dict(head.named_parameters())), copy_of(parameters)
    try:
        yield
    finally:
        classifier.head = head
        restore_parameters(dict(head.named_parameters()), of_head)
        restore_parameters(parameters, values)


def _state_of(everything: TrainingState, fold: Fold) -> TrainingState:
    """The state in which a fold's phases begin: with the activations of the images to learn from."""
    train = _selected_images(everything.extracted.train, fold.train)
    state = replace(everything, train=train.images, exact_features=ExactFeatures())
    held_out = [everything.extracted.train.images[index] for index in fold.held_out.tolist()]
    inputs = {
        name: replace(part, images=unrelated(part.images, held_out))
        for name, part in everything.extracted.inputs.items()
    }
    state.extracted = replace(everything.extracted, train=train, inputs=inputs)
    return state


def unrelated(images: tuple[RunImage, ...], held_out: Sequence[RunImage]) -> tuple[RunImage, ...]:
    """The images without those that have labels and belong together with an image that is held out.

    Args:
        images: Of an input of a strategy.
        held_out: Images to predict.
    """
    if not any(image.further for image in images):
        return images
    units = unit_numbers([*held_out, *images])
    of_held_out = set(units[: len(held_out)])
    own = zip(images, units[len(held_out) :], strict=True)
    return tuple(image for image, unit in own if unit not in of_held_out)


def _selected_images(activations: Activations, indices: Tensor) -> Activations:
    return replace(activations, images=tuple(activations.images[i] for i in indices.tolist()))


def _held_out_features(
    learning: TrainingState, everything: TrainingState, fold: Fold, *, control: Control
) -> Features:
    """The pooled features of a fold's held-out images with the present weights."""
    held_out = _selected_images(everything.extracted.train, fold.held_out)
    return pooled_features(learning.extracted.model, held_out, device=learning.device, control=control)


@torch.inference_mode()
def _logits(learning: TrainingState, features: Features) -> Tensor:
    """Logits [N, K] of N features by the present heads, on the CPU."""
    classifier = learning.classifier.eval()
    return torch.cat([classifier.answer(block.to(learning.device)).cpu() for block in features.blocks()])
