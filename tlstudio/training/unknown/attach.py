"""Gives a trained classifier its unknown score, made from the training images by the frozen backbone."""

from __future__ import annotations

import torch
from torch import Tensor

from tlstudio.compute.device import one_thread
from tlstudio.compute.seeds import generator
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted, without_progress
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.images import UNLABELLED, RunImage, label_tensor
from tlstudio.features.views import PLAIN
from tlstudio.models.stages import Backbone
from tlstudio.models.twin_stages import first_changed_stage, stages_from
from tlstudio.training.head.folds import folds_of
from tlstudio.training.head.probe import FOLDS
from tlstudio.training.state import TrainingState
from tlstudio.training.unknown.fitting import FEWEST_IMAGES, fit_unknown

MOST_IMAGES = 1000
"""Training images that are looked at; of more, so many are drawn, from each class alike."""


def attach_unknown(state: TrainingState, untrained: Backbone, *, emit: Emit, control: Control) -> None:
    """Give the classifier its unknown score, unless too few images can be held out to make one.

    Images from elsewhere that a head on the frozen backbone was fitted to are taught as well. They have means
    of their own, one for each class that the classifier gives them.

    Args:
        state: After the training.
        untrained: The backbone as training began with it; the classifier's own where no stage changed.
        emit: Receives `StageStarted`.
        control: Checked once per image.

    Raises:
        UserError: An image can no longer be read.
        Cancelled: The person cancelled.
    """
    if len(state.train) < FEWEST_IMAGES:
        return
    classifier = state.classifier.eval()
    changed = first_changed_stage(classifier.backbone, untrained)
    taught = [state.train, *(state.inputs.values() if changed is None else ())]
    parts = [_sample(images, seed=state.recipe.seed) for images in taught if images]
    title = "Learning what familiar images look like"
    emit(StageStarted(run_id=state.run_id, stage="unknown", title=title))
    extractor = FeatureExtractor(
        untrained,
        end=None,
        preprocessing=classifier.preprocessing,
        device=state.device,
        threads=state.threads,
        limit_bytes=state.cache_limit_bytes,
        runtime=state.runtime,
        weights=state.recipe.backbone.weights_sha256,
    )
    collected = extractor.collect(
        *((part, (PLAIN,)) for part in parts),
        run_id=state.run_id,
        emit=without_progress(emit),
        control=control,
    )
    tables = [activations.features().table() for activations in collected]
    labels = [_labels(state, part, table) for part, table in zip(parts, tables, strict=True)]
    images, classes = [image for part in parts for image in part], len(classifier.classes)
    with one_thread():  # several wait for each other at each small step when other programs compute
        fitted = fit_unknown(
            torch.cat(tables),
            torch.cat(labels),
            folds=folds_of(images, count=FOLDS, seed=state.recipe.seed),
            kinds=torch.cat([own + number * classes for number, own in enumerate(labels)]),
        )
    if fitted is None:
        return
    classifier.set_unknown(
        fitted.scorer.to(state.device),
        record=fitted.record,
        untrained=stages_from(untrained, changed) if changed is not None else None,
    )
    classifier.eval()


def _sample(images: tuple[RunImage, ...], *, seed: int) -> tuple[RunImage, ...]:
    """The images; of very many some, from each class alike, in their order."""
    if len(images) <= MOST_IMAGES:
        return images
    order = torch.randperm(len(images), generator=generator(seed, "unknown"))
    labels = label_tensor(images)[order]
    turn = torch.zeros_like(labels)
    for label in set(labels.tolist()):
        own = labels == label
        turn[own] = torch.arange(int(own.sum()))
    drawn = order[torch.argsort(turn, stable=True)[:MOST_IMAGES]]
    return tuple(images[place] for place in sorted(drawn.tolist()))


@torch.inference_mode()
def _labels(state: TrainingState, images: tuple[RunImage, ...], features: Tensor) -> Tensor:
    """The classes of images [N], of unlabelled ones those that the classifier gives them."""
    labels = label_tensor(images)
    if not bool((labels == UNLABELLED).any()):
        return labels
    logits = state.classifier.answer(features.to(state.device))[:, : len(state.classifier.classes)]
    return torch.where(labels == UNLABELLED, logits.argmax(dim=1).cpu(), labels)
