"""Confidence against accuracy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.checks.made import evaluation, judge
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions


@pytest.mark.parametrize(
    ("right", "sure", "severity", "words"),
    [
        (90, 0.9, "ok", "can be trusted"),
        (91, 0.95, "ok", "can be trusted as far as 100 images can show"),
        (80, 0.95, "warning", "too sure of itself"),
        (60, 0.95, "warning", "too sure of itself"),
        (100, 0.6, "note", "too cautious"),
    ],
)
def test_severity_follows_the_calibration_error_and_what_chance_makes_of_it(right, sure, severity, words):
    predicted = [0] * 50 + [1] * (right - 50) + [0] * (100 - right)
    (found,) = judge("calibration", evaluation([0] * 50 + [1] * 50, predicted, sure=sure))
    assert found.severity == severity
    assert words in found.message
    assert found.numbers["ece"] == pytest.approx(abs(right / 100 - sure))
    assert bool(found.mend) == (severity == "warning")


def test_over_confidence_that_chance_explains_is_no_warning():
    (found,) = judge("calibration", evaluation([0] * 10, [0] * 7 + [1] * 3, sure=0.88))
    assert found.severity == "ok"
    assert "calibration error 0.18, and chance alone makes up to 0.18" in found.message


def test_a_small_error_of_very_many_images_is_no_warning():
    (found,) = judge("calibration", evaluation([0] * 20_000, [0] * 18_000 + [1] * 2_000, sure=0.93))
    assert found.severity == "note"
    assert found.numbers["ece"] > found.numbers["limit"]


@pytest.mark.parametrize("seed", range(20))
def test_it_is_silent_where_every_percentage_is_true(seed):
    """One of 20 would exceed what chance makes in 95 of 100 cases; these seeds are fixed."""
    random = np.random.default_rng(seed)
    scores = random.normal(size=(60, 3)) * 3
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    true = (random.random((60, 1)) > probabilities.cumsum(axis=1)[:, :-1]).sum(axis=1)
    part = Predictions(
        paths=tuple(map(str, range(60))),
        classes=("a", "b", "c"),
        probabilities=probabilities,
        true_indices=true,
    )
    (found,) = judge("calibration", evaluate_predictions(part, subset="test"))
    assert found.severity in ("ok", "note")


def test_gaps_in_both_directions_are_not_told_as_one():
    """The mean confidence is the accuracy, though no percentage is right."""
    whole = evaluation([0] * 40, [0] * 20 + [1] * 20, sure=0.5)
    column = whole.primary
    metrics = replace(column.metrics, ece=0.3, ece_limit=0.2)
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
