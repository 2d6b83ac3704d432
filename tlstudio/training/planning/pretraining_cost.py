"""Estimates how long a run will take to measure what pretraining gives."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from tlstudio.compute.seeds import generator
from tlstudio.core.control import Control
from tlstudio.features.table import Features
from tlstudio.models.classifier import Classifier
from tlstudio.training.head.probe import FOLDS, fit_probe
from tlstudio.training.planning.cost_probe import CostProbe
from tlstudio.training.trials.pretraining_gain import FEW_IMAGES


def pretraining_seconds(
    probe: CostProbe, *, control: Control, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Seconds of computing features with random weights, and of fitting heads on both kinds of features.

    More images are used only where few of them show no difference, which is rare.

    Args:
        probe: Of the run.
        control: Checked between the measurements.
        clock: Seconds.
    """
    count = min(probe.train_count + probe.validation_count, FEW_IMAGES)
    features_seconds = probe.seconds_of_whole_backbone(count)
    control.check()
    return features_seconds + 2 * _fit_seconds(probe.classifier, count, clock=clock)


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
