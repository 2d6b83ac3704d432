"""Nested cross-validation: an honest estimate, with settings chosen inside."""

from __future__ import annotations

import pytest
import torch

from tests.training.head.test_prototypes import CLASSES, made
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.features.table import Features
from tlstudio.training.head.nested import nested_scores
from tlstudio.training.head.probe import fit_probe


def scores(features, labels, *, folds=None, **given):
    folds = torch.arange(len(labels)) % 5 if folds is None else folds
    return nested_scores(
        Features.of(features), labels, folds=folds, classes_count=CLASSES, class_weighting=False, **given
    )


def right(logits, labels) -> float:
    return float((logits.argmax(dim=1) == labels).double().mean())


def test_it_agrees_with_what_new_images_show():
    features, labels = made(40, noise=6.0)
    found = right(scores(features, labels), labels)
    whole = fit_probe(
        Features.of(features), labels, classes_count=CLASSES, class_weighting=False,
        folds=torch.arange(len(labels)) % 5,
    )  # fmt: skip
    new, truth = made(400, seed=7, noise=6.0)
    assert found == pytest.approx(right(new @ whole.weight.T + whole.bias, truth), abs=0.1)


def test_random_labels_are_guessed():
    features, _ = made(40)
    labels = torch.randint(0, CLASSES, (len(features),), generator=torch.Generator().manual_seed(0))
    assert right(scores(features, labels), labels) == pytest.approx(1 / 3, abs=0.12)


def test_an_image_and_its_copy_in_one_fold_tell_nothing_of_each_other():
    features, labels = made(20, noise=0.1)
    wrong = (labels + 1) % CLASSES
    folds = (torch.arange(len(labels)) % 5).repeat(2)
    answers = scores(features.repeat(2, 1), torch.cat([labels, wrong]), folds=folds).argmax(dim=1)
    assert torch.equal(answers[: len(labels)], answers[len(labels) :])


def test_it_can_be_cancelled():
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        scores(*made(5), on_trial=control.check)
