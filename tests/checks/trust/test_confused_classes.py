"""The most frequent mistake."""

from __future__ import annotations

from tests.checks.made import evaluation, judge


def test_the_most_frequent_mistake_is_named_with_its_images():
    (found,) = judge("confused-classes", evaluation([0, 0, 0, 1, 2], [1, 1, 0, 0, 2]))
    assert (found.severity, found.message) == ("note", "Most often mixed up: a taken for b, 2 times.")
    assert found.paths == ("0.jpg", "1.jpg")
    assert found.numbers == {"class": "a", "taken_for": "b", "images": 2}


def test_a_single_mistake_happened_once():
    (found,) = judge("confused-classes", evaluation([0, 1], [0, 0]))
    assert found.message == "No two classes are mixed up twice: b taken for a, once."


def test_without_mistakes_all_is_well():
    (found,) = judge("confused-classes", evaluation([0, 1, 2], [0, 1, 2]))
    assert (found.severity, found.message) == ("ok", "All 3 predictions are right.")


def test_without_images_it_is_not_known():
    (found,) = judge("confused-classes", evaluation([], []))
    assert found.severity == "note"
