"""Measures what pretraining gives: the same head on the pretrained backbone and on random weights.

Both heads are linear probes, cross-validated on the same images, so their difference is due to what the
backbone had learned before. Where it is not above zero the transfer is negative, or useless.
"""

from __future__ import annotations

import torch

from tlstudio.compute.seeds import generator
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted, without_progress
from tlstudio.evaluation.comparisons import PretrainingComparison
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.images import RunImage, label_tensor
from tlstudio.features.table import Features
from tlstudio.features.views import PLAIN
from tlstudio.models.stages import Backbone
from tlstudio.training.head.cross_validation import held_out_scores
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.comparison import compare

FEW_IMAGES = 100
"""About a second with a small backbone; nearly always enough to show a difference, to within ±10 points."""
MOST_IMAGES = 200
"""Taken where `FEW_IMAGES` show no difference; its interval is then about ±7 points."""


def measure_pretraining(
    state: TrainingState, pretrained: Backbone, random: Backbone, *, emit: Emit, control: Control
) -> PretrainingComparison:
    """Compare a head on the pretrained backbone with one on random weights.

    Args:
        state: Of the run, for its images and settings.
        pretrained: The backbone as training began with it.
        random: The same backbone with random weights.
        emit: Receives `StageStarted`.
        control: Checked once per image and fold.

    Raises:
        UserError: An image can no longer be read.
        Cancelled: The person cancelled.
    """
    title = "Comparing with a backbone that has learned nothing"
    emit(StageStarted(run_id=state.run_id, stage="pretraining", title=title))
    images = state.train + state.validation
    order = torch.randperm(len(images), generator=generator(state.recipe.seed, "pretraining")).tolist()
    for number in (FEW_IMAGES, MOST_IMAGES):
        sample = tuple(images[index] for index in sorted(order[:number]))
        found = _compare(state, sample, pretrained, random, emit=emit, control=control)
        if len(images) <= number or found.interval[0] > 0 or found.interval[1] < 0:
            break
    return found


def _compare(
    state: TrainingState,
    images: tuple[RunImage, ...],
    pretrained: Backbone,
    random: Backbone,
    *,
    emit: Emit,
    control: Control,
) -> PretrainingComparison:
    """Compare the two on these images; features of the same ones are cached from call to call."""
    labels = label_tensor(images)
    with_it, without = (
        held_out_scores(
            features_of(backbone, images, state, weights=weights, emit=emit, control=control).table(),
            images,
            classes_count=len(state.recipe.classes),
            seed=state.recipe.seed,
            class_weighting=state.recipe.optimiser.class_weighting,
            control=control,
        ).argmax(dim=1)
        == labels
        for backbone, weights in ((pretrained, state.recipe.backbone.weights_sha256), (random, None))
    )
    found = compare(with_it, without)
    return PretrainingComparison(
        accuracy=float(with_it.double().mean()),
        random_accuracy=float(without.double().mean()),
        majority_accuracy=float(labels.bincount().max()) / len(labels),
        n=len(labels),
        difference=found.difference,
        interval=found.interval.pair,
    )


def features_of(
    backbone: Backbone,
    images: tuple[RunImage, ...],
    state: TrainingState,
    *,
    weights: str | None,
    emit: Emit,
    control: Control,
) -> Features:
    """Pooled features [N, F] of the plain images by a backbone of one's own, from the cache where they are.

    Args:
        backbone: Must stay as it is.
        images: N images.
        state: For how they are read and computed.
        weights: SHA-256 of the backbone's weights; computed when None.
        emit: Receives warnings.
        control: Checked once per image.
    """
    extractor = FeatureExtractor(
        backbone,
        end=None,
        preprocessing=state.classifier.preprocessing,
        device=state.device,
        threads=state.threads,
        limit_bytes=state.cache_limit_bytes,
        runtime=state.runtime,
        weights=weights,
    )
    (activations,) = extractor.collect(
        (images, (PLAIN,)), run_id=state.run_id, emit=without_progress(emit), control=control
    )
    return activations.features()
