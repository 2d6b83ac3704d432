"""Confidence against accuracy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.checks.made import evaluation, judge
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks


@pytest.mark.parametrize(
    ("right", "sure", "severity", "words"),
    [
        (90, 0.9, "ok", "can be trusted"),
        (85, 0.95, "note", "too sure of itself"),
        (60, 0.95, "warning", "too sure of itself"),
        (100, 0.6, "note", "too cautious"),
    ],
)
def test_severity_follows_the_calibration_error(right, sure, severity, words):
    predicted = [0] * 50 + [1] * (right - 50) + [0] * (100 - right)
    (found,) = judge("calibration", evaluation([0] * 50 + [1] * 50, predicted, sure=sure))
    assert found.severity == severity
    assert words in found.message
    assert found.numbers["ece"] == pytest.approx(abs(right / 100 - sure))
    assert bool(found.mend) == (severity == "warning")


def test_over_confidence_that_chance_explains_is_no_warning():
    (found,) = judge("calibration", evaluation([0] * 10, [0] * 7 + [1] * 3, sure=0.88))
    assert found.severity == "note"
    assert "off by 18 points on average, some too high and some too low" in found.message


def test_gaps_in_both_directions_are_not_told_as_one():
    """The mean confidence is the accuracy, though no percentage is right."""
    whole = evaluation([0] * 40, [0] * 20 + [1] * 20, sure=0.5)
    column = whole.primary
    metrics = replace(column.metrics, ece=0.3)
    (found,) = judge("calibration", replace(whole, columns={"label": replace(column, metrics=metrics)}))
    assert found.severity == "note"
    assert "off by 30 points" in found.message


def test_a_handful_of_images_cannot_tell():
    (found,) = judge("calibration", evaluation([0] * 9, [1] * 9))
    assert found.severity == "note"
    assert "9 images" in found.message


def test_it_is_not_run_without_predictions():
    whole = evaluation([0, 1], [0, 1])
    column = replace(whole.primary, predictions=None)
    without = replace(whole, columns={"label": column})
    names = {found.check for found in run_checks(Evidence(evaluation=without), subject="classifier")}
    assert "better-than-guessing" in names
    assert "calibration" not in names
