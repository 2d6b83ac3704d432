"""Accuracy against always naming the largest class."""

from __future__ import annotations

from tests.checks.made import evaluation, judge


def test_as_good_as_guessing_is_serious():
    (found,) = judge("better-than-guessing", evaluation([0] * 30 + [1] * 10, [0] * 40))
    assert (found.severity, found.message) == ("serious", "No better than always naming the largest class.")
    assert "75 %" in found.meaning
    assert found.mend


def test_better_than_guessing_is_measured_in_points():
    (found,) = judge("better-than-guessing", evaluation([0] * 5 + [1] * 5, [0] * 5 + [1] * 4 + [0]))
    assert (found.severity, found.message) == ("ok", "40 points better than blind guessing.")
    assert found.numbers == {"accuracy": 0.9, "guessing": 0.5, "n": 10}


def test_without_images_it_is_not_known():
    (found,) = judge("better-than-guessing", evaluation([], []))
    assert found.severity == "note"
