"""The finding on labels that look wrong."""

from __future__ import annotations

import pytest

from tests.checks.made import scored_labels
from tlstudio.checks.label_findings import labels_finding


@pytest.mark.parametrize(("wrong", "mend"), [(1, "Look at it."), (2, "Look at them.")])
def test_labels_that_look_wrong_are_counted_and_named(wrong: int, mend: str):
    scored = scored_labels(wrong=wrong, unjudged=3)
    found = labels_finding(scored, check="c", mend="Look at {them}.", which="that it learned from")
    assert found.severity == "warning"
    assert found.mend == mend
    assert f"of {scored.judged} that it learned from." in found.message
    assert found.paths == tuple(one.path for one in scored.suspected())
    assert len(found.paths) == wrong == found.numbers["suspected"]
    assert found.numbers["unjudged"] == 3


def test_where_none_looks_wrong_there_is_nothing_to_mend():
    found = labels_finding(scored_labels(wrong=0), check="c", mend="Look at {them}.")
    assert (found.severity, found.mend, found.paths) == ("ok", "", ())
    assert found.message.endswith("stands out as wrong.")
