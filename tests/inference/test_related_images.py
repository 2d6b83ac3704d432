"""Similar training images, and the pull of each on a prediction."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tlstudio.features.table import Features
from tlstudio.inference.related_images import pulls, similarities
from tlstudio.training.head.probe import fit_probe


def clouds(number: int = 60) -> tuple[Tensor, Tensor]:
    """Features of three classes around three centres, and labels."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(number) % 3
    return 3 * torch.eye(3, 12)[labels] + torch.randn(number, 12, generator=generator), labels


def fitted(features: Tensor, labels: Tensor, *, l2: float = 1e-2) -> tuple[Tensor, Tensor]:
    """Weight and bias of a head fitted with one strength of the regularisation."""
    found = fit_probe(
        Features.of(features), labels, classes_count=3, class_weighting=False, folds=None, grid=[l2]
    )
    return found.weight, found.bias


def test_pulls_add_up_to_the_difference_of_the_two_logits():
    features, labels = clouds()
    weight, bias = fitted(features, labels)
    image = features[0] + 0.5
    found = pulls(features, labels, image, weight=weight, bias=bias, toward=0, against=1)
    assert found.explained > 0.999
    logits = weight @ (image - features.mean(dim=0))
    assert float(found.values.sum()) == pytest.approx(float(logits[0] - logits[1]), rel=1e-2)


def test_the_strongest_pull_is_of_an_image_without_which_the_prediction_changes_most():
    features, labels = clouds()
    labels[0] = 1  # a wrong label beside an image of class 0
    image = features[0] + 0.1
    weight, bias = fitted(features, labels)
    found = pulls(features, labels, image, weight=weight, bias=bias, toward=1, against=0)

    def difference(left_out: int | None) -> float:
        chosen = torch.tensor([row != left_out for row in range(len(labels))])
        weight, bias = fitted(features[chosen], labels[chosen])
        logits = weight @ image + bias
        return float(logits[1] - logits[0])

    whole = difference(None)
    changes = torch.tensor([whole - difference(row) for row in range(len(labels))])
    assert int(found.values.argmax()) == int(changes.argmax()) == 0
    ranks = torch.stack([found.values.argsort().argsort(), changes.argsort().argsort()]).double()
    assert torch.corrcoef(ranks)[0, 1] > 0.6


def test_a_head_that_was_made_in_another_way_has_no_pulls():
    features, labels = clouds()
    weight = torch.randn(3, 12, generator=torch.Generator().manual_seed(1))
    found = pulls(features, labels, features[0], weight=weight, bias=torch.zeros(3), toward=0, against=1)
    assert not found.are_sound


def test_images_that_count_more_pull_more():
    features, labels = clouds()
    weights = torch.where(labels == 0, 4.0, 1.0).double()
    found = fit_probe(
        Features.of(features),
        labels,
        classes_count=3,
        class_weighting=False,
        folds=None,
        image_weights=weights,
        grid=[1e-2],
    )
    given = {"weight": found.weight, "bias": found.bias, "toward": 0, "against": 1}
    weighted = pulls(features, labels, features[0], image_weights=weights, **given)
    assert weighted.explained > 0.999 > pulls(features, labels, features[0], **given).explained


def test_the_most_similar_image_is_the_one_in_the_same_direction():
    features, _ = clouds()
    mean = features.mean(dim=0)
    found = similarities(features, mean + 2 * (features[7] - mean))
    assert int(found.argmax()) == 7
    assert float(found[7]) == pytest.approx(1)
