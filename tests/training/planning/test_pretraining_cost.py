"""The time that measuring the gain of pretraining will take."""

from __future__ import annotations

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
from tlstudio.training.trials.pretraining_gain import MOST_IMAGES


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(0)
    head = build_head(HeadSettings(), feature_size=24, classes_count=3)
    return Classifier(backbone=tiny_backbone(), head=head, classes=("a", "b", "c"))


class Ticks:
    """A clock on which everything takes one second."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_only_the_sample_counts(classifier: Classifier):
    few, all_of_it, many = (
        pretraining_seconds(classifier, images=images, control=Control(), clock=Ticks())
        for images in (10, MOST_IMAGES, 100 * MOST_IMAGES)
    )
    assert few < all_of_it == many


def test_nothing_is_changed_and_it_can_be_cancelled(classifier: Classifier):
    before = weights_sha256(classifier)
    assert pretraining_seconds(classifier, images=1, control=Control()) > 0
    assert weights_sha256(classifier) == before
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        pretraining_seconds(classifier, images=9, control=control)
