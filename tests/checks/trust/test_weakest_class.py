"""The class with the lowest recall."""

from __future__ import annotations

from tests.checks.made import evaluation, judge


def test_the_class_of_which_least_is_found_is_named():
    (found,) = judge("weakest-class", evaluation([0] * 20 + [1] * 20, [0] * 15 + [1] * 25))
    assert (found.severity, found.message) == ("note", "Weakest class: a, 15 of 20 found.")
    assert found.numbers == {"class": "a", "recall": 0.75, "n": 20}


def test_few_images_of_it_are_only_a_hint():
    (found,) = judge("weakest-class", evaluation([0] * 3 + [1] * 3, [0] * 5 + [1]))
    assert found.message == "Weakest class: b, 1 of 3 found; with 3 images that is only a hint."


def test_when_everything_is_found_there_is_no_weakest():
    (found,) = judge("weakest-class", evaluation([0, 1], [0, 1]))
    assert found.severity == "ok"


def test_one_class_alone_has_no_weakest():
    (found,) = judge("weakest-class", evaluation([0, 0], [0, 1]))
    assert found.severity == "note"
    assert "fewer than two" in found.message
