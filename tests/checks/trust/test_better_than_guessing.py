"""The verdict as a finding."""

from __future__ import annotations

from tests.checks.made import evaluation, judge


def test_as_good_as_guessing_is_serious():
    (found,) = judge("better-than-guessing", evaluation([0] * 30 + [1] * 10, [0] * 40))
    assert found.severity == "serious"
    assert "always naming a, the largest class, 75.0 %." in found.message
    assert found.mend


def test_a_good_classifier_is_usable():
    (found,) = judge("better-than-guessing", evaluation([0, 1] * 50, [0, 1] * 50))
    assert (found.severity, found.message[:16]) == ("ok", "Usable with care")
    assert found.numbers["n"] == 100
    assert found.numbers["guessing"] == 0.5
    assert found.numbers["chance"] == 1 / 3


def test_without_images_it_is_not_known():
    (found,) = judge("better-than-guessing", evaluation([], []))
    assert found.severity == "note"
    assert not found.numbers
