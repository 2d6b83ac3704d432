"""Estimates how long a run will take to measure what pretraining gives."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from tlstudio.compute.seeds import generator
from tlstudio.core.control import Control
from tlstudio.data.preprocessing import normalise
from tlstudio.features.table import Features
from tlstudio.models.classifier import Classifier
from tlstudio.training.head.probe import FOLDS, fit_probe
from tlstudio.training.trials.pretraining_gain import MOST_IMAGES

TIMED_IMAGES = 4


@torch.inference_mode()
def pretraining_seconds(
    classifier: Classifier, *, images: int, control: Control, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Seconds of computing features with random weights, and of fitting heads on both kinds of features.

    Args:
        classifier: Of the run; stays as it is.
        images: Number of training and validation images.
        control: Checked between the measurements.
        clock: Seconds.
    """
    count = min(images, MOST_IMAGES)
    backbone, preprocessing = classifier.backbone.eval(), classifier.preprocessing
    device = next(backbone.parameters()).device
    side = preprocessing.input_size
    pixels = torch.zeros(TIMED_IMAGES, 3, side, side, dtype=torch.uint8, device=device)
    backbone(normalise(pixels, preprocessing))  # the first time is slower
    started = clock()
    backbone(normalise(pixels, preprocessing))
    each = (clock() - started) / TIMED_IMAGES
    control.check()
    return count * each + 2 * _fit_seconds(classifier, count, clock=clock)


def _fit_seconds(classifier: Classifier, count: int, *, clock: Callable[[], float]) -> float:
    """Seconds of one cross-validated head, measured on random features of that shape."""
    size, classes = classifier.backbone.feature_size, len(classifier.classes)
    table = torch.randn(count, size, generator=generator(0, "pretraining"))
    labels = torch.arange(count) % classes
    table[torch.arange(count), labels % size] += 3
    started = clock()
    fit_probe(
        Features.of(table),
        labels,
        classes_count=classes,
        class_weighting=False,
        folds=torch.arange(count) % FOLDS,
    )
    return clock() - started
