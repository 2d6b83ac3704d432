"""Whether a strategy gained anything over the plain start."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.made import judge_comparison, strategy
from tlstudio.core.finding import Finding
from tlstudio.evaluation.comparisons import Comparisons, StrategyComparison


def judged(comparison: StrategyComparison) -> Finding:
    return judge_comparison("strategy-helped", Comparisons(strategy=comparison))


def test_a_kept_strategy_is_said_with_both_figures_and_the_interval_of_the_difference():
    found = judged(strategy(0.7, 0.9))
    assert found.severity == "ok"
    assert "90.0 % right against 70.0 %" in found.message
    assert "+20.0 points" in found.message
    assert found.numbers["low"] > 0.1


def test_a_returned_start_is_said():
    found = judged(strategy(0.8, 0.75, start_returned=True))
    assert found.severity == "note"
    assert "the plain head is kept" in found.message
    assert "-5.0 points" in found.message


def test_a_strategy_may_give_its_own_reason():
    own = replace(strategy(0.8, 0.8, start_returned=True), reason="The two sets do not differ.")
    assert judged(own).message == "The two sets do not differ."
    assert judged(own).meaning == "Measured on 200 images."


def test_agreement_on_images_without_labels_is_not_called_accuracy():
    own = replace(strategy(0.6, 0.8), labelled=False)
    assert "agreement, not accuracy" in judged(own).meaning
    assert "had no part in training" in judged(strategy(0.6, 0.8)).meaning
