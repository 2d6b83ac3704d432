"""Findings as values that travel."""

from __future__ import annotations

import json

import pytest

from tlstudio.core.finding import SEVERITIES, Finding, finding_from_values, most_severe_first

FOUND = Finding(
    check="exact-copies",
    severity="note",
    message="2 files are copies.",
    meaning="They count twice.",
    mend="Take them out.",
    numbers={"copies": 2, "share": 0.5, "class": "ants"},
    paths=("a/1", "a/\udcff"),
)


def test_a_finding_comes_back_from_its_json_values():
    assert finding_from_values(json.loads(json.dumps(FOUND.as_values()))) == FOUND


def test_the_message_on_the_command_line_ends_with_the_mend():
    values = FOUND.as_json()
    assert set(values) == {"check", "severity", "message", "numbers", "paths"}
    assert values["message"] == "2 files are copies. Take them out."
    assert Finding(check="x", severity="ok", message="Fine.").as_json()["message"] == "Fine."


BAD = [{}, {"check": "x", "severity": "error", "message": "m"}, {"check": "x", "severity": []}]


@pytest.mark.parametrize("values", BAD)
def test_values_that_are_no_finding_are_refused(values):
    with pytest.raises(ValueError, match=r"."):
        finding_from_values(values)


def test_findings_are_ordered_by_severity_and_else_stay_in_order():
    found = [Finding(check=str(n), severity=s, message="m.") for n, s in enumerate([*SEVERITIES[::-1], "ok"])]
    assert [finding.check for finding in most_severe_first(found)] == ["3", "2", "1", "0", "4"]
    assert [finding.is_warning for finding in most_severe_first(found)] == [True, True, False, False, False]
