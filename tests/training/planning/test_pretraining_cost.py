"""The time that measuring the gain of pretraining will take."""

from __future__ import annotations

import itertools

import pytest
import torch

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.models.classifier import Classifier
from tlstudio.models.heads import build_head
from tlstudio.models.weights import weights_sha256
from tlstudio.specs.recipe import HeadSettings
from tlstudio.training.planning.pretraining_cost import pretraining_seconds
from tlstudio.training.trials.pretraining_gain import FEW_IMAGES


class Probe:
    """Measures that a feature takes a second."""

    def __init__(self, *, images: int) -> None:
        torch.manual_seed(0)
        head = build_head(HeadSettings(), feature_size=24, classes_count=3)
        self.classifier = Classifier(backbone=tiny_backbone(), head=head, classes=("a", "b", "c"))
        self.validation_count = images // 3
        self.train_count = images - self.validation_count

    def seconds_of_whole_backbone(self, count: int) -> float:
        return float(count)


@pytest.mark.parametrize(("images", "measured"), [(10, 10), (FEW_IMAGES, 100), (100 * FEW_IMAGES, 100)])
def test_only_the_sample_counts(images: int, measured: int):
    ticks = itertools.count()
    seconds = pretraining_seconds(Probe(images=images), control=Control(), clock=lambda: float(next(ticks)))
    assert seconds == measured + 2


def test_nothing_is_changed_and_it_can_be_cancelled():
    probe, control = Probe(images=9), Control()
    before = weights_sha256(probe.classifier)
    assert pretraining_seconds(probe, control=control) > 9
    assert weights_sha256(probe.classifier) == before
    control.cancel()
    with pytest.raises(Cancelled):
        pretraining_seconds(probe, control=control)
