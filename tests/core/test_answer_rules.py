"""What a classifier says besides the class survives JSON; what is damaged is refused."""

from __future__ import annotations

import json

import pytest

from tlstudio.core.answer_rules import AnswerRules, UnknownRecord, answer_rules_from


def test_without_rules_nothing_is_written():
    assert AnswerRules().as_values() == {}
    assert answer_rules_from({}) == AnswerRules()


@pytest.mark.parametrize("auroc", [None, 0.0, 0.83, 1.0])
def test_rules_survive_json_and_rules_of_newer_versions_are_dropped(auroc: float | None):
    rules = AnswerRules(unknown=UnknownRecord(method="both", images=240, left_out=6, auroc=auroc))
    values = json.loads(json.dumps(rules.as_values()))
    assert answer_rules_from({**values, "of_a_newer_version": 3}) == rules


@pytest.mark.parametrize(
    "unknown", [3, {"method": "both"}, {"method": "guessed", "images": 3}, {"images": 3}]
)
def test_damaged_rules_are_refused(unknown: object):
    with pytest.raises(ValueError):  # noqa: PT011 - of several kinds
        answer_rules_from({"unknown": unknown})


@pytest.mark.parametrize("auroc", [-0.1, 1.1, float("nan")])
def test_an_area_that_is_none_is_refused(auroc: float):
    with pytest.raises(ValueError, match="an area under a curve"):
        answer_rules_from({"unknown": {"method": "both", "images": 3, "auroc": auroc}})
