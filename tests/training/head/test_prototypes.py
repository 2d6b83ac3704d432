"""Prototypes on made features: they find the classes, from one image per class on."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.training.head.test_probe import blobs
from tlstudio.training.head.prototypes import STRENGTHS, USUAL, find_directions, fit_prototypes

CLASSES, SIZE = 3, 40


def made(per_class: int, *, seed: int = 0, noise: float = 1.0) -> tuple[Tensor, Tensor]:
    """Features around three far centres, and their labels."""
    centres = 3 * torch.randn(CLASSES, SIZE, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(CLASSES).repeat(per_class)
    spread = torch.randn(len(labels), SIZE, generator=torch.Generator().manual_seed(seed))
    return 5 + centres[labels] + noise * spread, labels


def fitted(features: Tensor, labels: Tensor):
    return fit_prototypes(features, features, labels, units=range(len(labels)), classes_count=CLASSES)


def logits(found, features: Tensor) -> Tensor:
    return features @ found.weights[found.chosen].T + found.biases[found.chosen]


@pytest.mark.parametrize("per_class", [1, 2, 30])
def test_new_images_are_recognised(per_class):
    found = fitted(*made(per_class))
    features, labels = made(20, seed=9)
    assert (logits(found, features).argmax(1) == labels).double().mean() > 0.95
    assert len(found.left_out_labels) == (0 if per_class == 1 else CLASSES * per_class)


def test_one_image_per_class_gives_sure_but_not_certain_answers():
    features, labels = made(1)
    own = logits(fitted(features, labels), features).softmax(1)[torch.arange(CLASSES), labels]
    assert own == pytest.approx(torch.full((CLASSES,), 0.9), abs=0.08)


def test_shuffled_labels_make_it_unsure_and_left_out_images_are_guessed():
    features, labels = made(20)
    labels = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))]
    found = fitted(features, labels)
    correct = found.left_out[found.chosen].argmax(1) == found.left_out_labels
    assert correct.double().mean() < 0.55
    assert logits(found, made(20, seed=9)[0]).softmax(1).max(1).values.mean() < 0.6


def test_many_images_are_solved_by_features_and_few_by_images_alike():
    features, labels = (part[:-1] for part in made(20))
    few = find_directions(features.double(), labels, classes_count=CLASSES)
    # Fifty constant features more change nothing, but there are more features than images then.
    wider = torch.cat([features, torch.ones(len(features), 50)], dim=1).double()
    many = find_directions(wider, labels, classes_count=CLASSES)
    torch.testing.assert_close(few.scores(features), many.scores(wider))


def test_a_class_without_images_and_equal_images_give_finite_numbers():
    features, labels = made(2)
    found = fit_prototypes(features, features, labels, units=range(len(labels)), classes_count=CLASSES + 1)
    assert torch.isfinite(found.weights).all()
    assert (found.weights[:, CLASSES] == 0).all()
    same = fitted(torch.ones(6, SIZE), labels)
    assert torch.isfinite(same.weights).all()
    assert torch.isfinite(same.left_out).all()


def test_copies_are_left_out_together():
    features, labels = made(2)
    found = fit_prototypes(features, features, labels, units=[0, 1, 2, 0, 1, 2], classes_count=CLASSES)
    assert len(found.left_out_labels) == 0


def test_the_usual_strength_is_kept_unless_another_is_clearly_better():
    assert STRENGTHS[USUAL] == 1
    assert fitted(*made(10, noise=4.0)).chosen == USUAL


@pytest.mark.parametrize("n", [12, 90])
def test_one_strength_alone_gives_the_directions_that_it_gives_among_others(n: int):
    features, labels = blobs(n, size=30, classes_count=3, noise=2.0, seed=1)
    every = find_directions(features.double(), labels, classes_count=3)
    for number, strength in enumerate(STRENGTHS):
        alone = find_directions(features.double(), labels, classes_count=3, strengths=(strength,))
        torch.testing.assert_close(alone.weights[0], every.weights[number])
