"""The true class is among those that are named as often as is promised."""

from __future__ import annotations

import numpy as np
import pytest

from tests.evaluation.test_asking import calibrated
from tlstudio.evaluation.class_sets import ClassSets, choose_sets, fewest_images, sets_json
from tlstudio.evaluation.predictions import Predictions


def of_class(probabilities: list[float]) -> Predictions:
    """Images of the first of two classes with these probabilities of it, and as many of the second alike."""
    first = np.array(probabilities)
    both = np.stack([first, 1 - first], axis=1)
    return Predictions(
        paths=tuple(map(str, range(2 * len(first)))),
        classes=("a", "b"),
        probabilities=np.concatenate([both, both[:, ::-1]]),
        true_indices=np.repeat([0, 1], len(first)),
    )


def test_it_takes_9_images_of_each_class_for_90_percent_and_19_for_95():
    assert (fewest_images(0.9), fewest_images(0.95), fewest_images(0.99)) == (9, 19, 99)
    for coverage, n in ((0.9, 9), (0.95, 19)):
        assert choose_sets(of_class([0.8] * (n - 1)), coverage=coverage) is None
        assert choose_sets(of_class([0.8] * n), coverage=coverage) is not None


def test_a_class_without_images_promises_nothing():
    assert choose_sets(calibrated(0, seed=0)) is None


def test_all_classes_are_named_that_the_image_may_show():
    sets = ClassSets(coverage=0.9, least={"a": 0.3, "b": 0.3, "c": 0.05})
    assert sets.of({"a": 0.5, "b": 0.4, "c": 0.1}) == ("a", "b", "c")
    assert sets.of({"a": 0.97, "b": 0.02, "c": 0.01}) == ("a",)
    assert sets.of({"a": 0.25, "b": 0.74, "c": 0.01}) == ("b",)
    strict = ClassSets(coverage=0.9, least={"a": 0.9, "b": 0.9})
    assert strict.of({"a": 0.6, "b": 0.4}) == ("a",), "never none"


@pytest.mark.parametrize("coverage", [0.9, 0.95])
def test_over_50_splits_the_coverage_of_each_class_is_within_the_noise_of_chance(coverage: float):
    hits, total = np.zeros(4), np.zeros(4)
    for seed in range(50):
        everything = calibrated(600, seed=seed)
        order = np.random.default_rng(seed).permutation(600)
        one, other = (
            Predictions(
                paths=tuple(map(str, half)),
                classes=everything.classes,
                probabilities=everything.probabilities[half],
                true_indices=everything.true_indices[half],
            )
            for half in (order[:300], order[300:])
        )
        sets = choose_sets(one, coverage=coverage)
        assert sets is not None
        least = np.array([sets.least[name] for name in other.classes])
        named = other.probabilities >= least
        named[np.arange(300), other.predicted_indices] = True
        for index in range(4):
            own = other.true_indices == index
            hits[index] += named[own, index].sum()
            total[index] += own.sum()
    for right, n in zip(hits, total, strict=True):
        # The halves of one split share a set, so the noise is that of about half as many images.
        assert right / n >= coverage - 2.6 * (2 * coverage * (1 - coverage) / n) ** 0.5
    assert hits.sum() / total.sum() <= coverage + 0.03


def test_what_they_give_on_other_images_is_counted():
    part = of_class([0.9, 0.6, 0.3])
    sets = ClassSets(coverage=0.9, least={"a": 0.5, "b": 0.35})
    found = sets_json(sets, part)
    assert found is not None
    # Named for images of a: (a), (a, b), (b); for those of b: (b), (b), (a).
    assert (found["n"], found["held"], found["mean_size"]) == (6, 4, 7 / 6)
    assert found["interval"][0] < 4 / 6 < found["interval"][1]
    assert sets_json(sets, calibrated(0, seed=0)) is None
