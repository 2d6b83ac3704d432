"""The learning curve of prototypes, on made features."""

from __future__ import annotations

import pytest
import torch

from tests.training.head.test_prototypes import CLASSES, made
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import LearningPoint
from tlstudio.training.head import learning_curve as module
from tlstudio.training.head.learning_curve import measure_learning
from tlstudio.training.head.prototypes import fit_prototypes


def measured(
    per_class: int, *, noise: float = 6.0, units: list[int] | None = None
) -> tuple[LearningPoint, ...]:
    features, labels = made(per_class, noise=noise)
    more, truth = made(20, seed=5, noise=noise)
    units = units or list(range(len(labels)))
    found = fit_prototypes(features, features, labels, units=units, classes_count=CLASSES)
    return measure_learning(
        (features, labels),
        (torch.cat([features, more]), torch.cat([labels, truth])),
        units=units,
        left_out_correct=found.left_out[found.chosen].argmax(dim=1) == found.left_out_labels,
        left_out_from=found.left_out_from,
        classes_count=CLASSES,
        seed=0,
        control=Control(),
    )


def test_it_rises_with_the_images_and_goes_on_to_twice_as_many():
    *points, expected = measured(12)
    assert [point.images_per_class for point in points] == [1, 2, 5, 10, 11]
    assert points[0].accuracy < points[2].accuracy < 1
    assert all(low <= point.accuracy <= high for point in points for low, high in [point.interval])
    assert expected.images_per_class == 24
    assert points[-1].accuracy <= expected.accuracy < 1
    low, high = expected.interval
    assert 0 <= low < expected.accuracy < high <= 1
    features, labels = made(24, noise=6.0)
    found = fit_prototypes(features, features, labels, units=range(72), classes_count=CLASSES)
    new, truth = made(200, seed=7, noise=6.0)
    logits = new @ found.weights[found.chosen].T + found.biases[found.chosen]
    assert low <= float((logits.argmax(dim=1) == truth).double().mean()) <= high


@pytest.mark.parametrize(("per_class", "numbers"), [(1, []), (2, []), (3, [1, 2]), (6, [1, 2, 5])])
def test_the_smallest_class_says_how_far_it_goes(per_class: int, numbers: list[int]):
    assert [point.images_per_class for point in measured(per_class)[:-1]] == numbers


def test_without_an_error_it_is_not_certain_that_there_is_none():
    *points, expected = measured(8, noise=0.01)
    assert points[-1].accuracy == 1
    assert 0.95 < expected.accuracy < 1
    unsure = points[-1].accuracy - points[-1].interval[0]
    assert expected.accuracy - expected.interval[0] > unsure / 4, "no error among a few is not certainty"


def test_images_of_a_unit_that_is_learned_do_not_judge():
    """Of three plants, two images of each class nearly always leave none to judge."""
    features, labels = made(30, noise=6.0)
    units = [number % 30 // 10 for number in range(len(labels))]
    of_plants = measure(features, labels, units=units, left_out_from=20.0)
    assert [point.images_per_class for point in of_plants[:-1]] == [1, 20]
    assert all(point.accuracy > 0.3 for point in of_plants)
    assert measure(features, labels, units=[0] * len(labels), left_out_from=20.0) == ()
    single = measure(features, labels, units=list(range(len(labels))), left_out_from=20.0)
    assert [point.images_per_class for point in single[:-1]] == [1, 2, 5, 10, 20]


def measure(
    features: torch.Tensor, labels: torch.Tensor, *, units: list[int], left_out_from: float
) -> tuple[LearningPoint, ...]:
    """Of images that judge themselves, with no others."""
    return measure_learning(
        (features, labels),
        (features, labels),
        units=units,
        left_out_correct=torch.ones(30, dtype=torch.bool),
        left_out_from=left_out_from,
        classes_count=CLASSES,
        seed=0,
        control=Control(),
    )


def test_groups_that_are_left_out_together_leave_fewer_to_learn_from():
    features, labels = made(12, noise=6.0)
    halves = [number % 12 // 6 for number in range(len(labels))]
    found = fit_prototypes(features, features, labels, units=halves, classes_count=CLASSES)
    assert found.left_out_from == 6


def test_it_can_be_cancelled():
    features, labels = made(6, noise=6.0)
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        measure_learning(
            (features, labels),
            (features, labels),
            units=list(range(len(labels))),
            left_out_correct=torch.ones(3, dtype=torch.bool),
            left_out_from=5.0,
            classes_count=CLASSES,
            seed=0,
            control=control,
        )


def test_many_images_are_not_all_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MOST_LEARNED", 8)
    monkeypatch.setattr(module, "MOST_JUDGED", 20)
    assert [point.images_per_class for point in measured(12)[:-1]] == [1, 2, 11]
