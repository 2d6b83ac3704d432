"""All checks of one subject together."""

from __future__ import annotations

import pytest

from tests.checks.made import dataset, image, images
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.finding import SEVERITIES
from tlstudio.core.types import ProblemFile
from tlstudio.specs import CHECKS


def test_good_data_passes_every_check():
    found = run_checks(Evidence(dataset=dataset(*images(cat=20, dog=20))), subject="data")
    assert {finding.severity for finding in found} == {"ok"}
    assert sorted(finding.check for finding in found) == sorted(
        s.id
        for s in CHECKS
        if s.subject == "data" and "data_facts" not in s.needs and "data_features" not in s.needs
    )


def test_the_most_severe_findings_come_first_and_have_a_mend():
    evidence = Evidence(
        dataset=dataset(
            *images(cat=100, dog=9),
            image("dog/copy.jpg", sha256="cat/0.jpg"),
            problems=(ProblemFile(path="cat/x", code="truncated", reason="r.", mend="m."),),
        )
    )
    found = run_checks(evidence, subject="data")
    order = [SEVERITIES.index(finding.severity) for finding in found]
    assert order == sorted(order)
    assert order[0] < order[-1]
    assert all(finding.mend for finding in found if finding.severity != "ok")


def test_a_check_whose_evidence_is_missing_is_not_run():
    assert run_checks(Evidence(), subject="data") == []


def test_cancelling_ends_the_checks():
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        run_checks(Evidence(dataset=dataset(*images(a=1))), subject="data", control=control)


def test_at_an_occasion_only_the_checks_that_concern_it_are_run():
    broken = ProblemFile(path="cat/x", code="truncated", reason="r.", mend="m.")
    evidence = Evidence(
        dataset=dataset(*images(cat=9), image("dog/copy.jpg", sha256="cat/0.jpg"), problems=(broken,))
    )
    found = {
        occasion: {finding.check for finding in run_checks(evidence, subject="data", occasion=occasion)}
        for occasion in ("training", "other-folder")
    }
    assert found == {
        "training": {"label-conflicts", "leakage"},
        "other-folder": {"folders-and-tables", "label-conflicts", "unreadable"},
    }
