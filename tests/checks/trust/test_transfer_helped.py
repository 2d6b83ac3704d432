"""Negative transfer: pretraining that helps, harms, or shows nothing."""

from __future__ import annotations

import pytest

from tests.checks.made import judge_comparison, pretraining
from tlstudio.evaluation.comparisons import Comparisons


@pytest.mark.parametrize(
    ("trained", "random", "severity", "words"),
    [
        (0.9, 0.5, "ok", "Pretraining helped by +40 points, 95 % interval +"),
        (0.5, 0.9, "warning", "Pretraining harmed: -40 points, 95 % interval -"),
        (0.5, 0.5, "note", "not shown"),
    ],
)
def test_the_sentence_follows_the_interval(trained, random, severity, words):
    found = judge_comparison("transfer-helped", Comparisons(pretraining=pretraining(trained, random)))
    assert found.severity == severity
    assert words in found.message
    assert "largest class, for 25 %" in found.meaning
    assert bool(found.mend) == (severity != "ok")
