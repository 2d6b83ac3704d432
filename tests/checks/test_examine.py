"""The checks of a classifier on a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.checks.made import epoch, evaluation
from tests.training.tiny import Photos, tiny_backbone
from tlstudio.checks.examine import examine_run, examined, read_examined_result
from tlstudio.core.control import Control
from tlstudio.core.events import Event, FindingsChanged, WarningRaised
from tlstudio.core.files import write_json
from tlstudio.core.finding import Finding
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.run_result import read_run_result
from tlstudio.project.runs import RunFolder
from tlstudio.specs import CHECKS
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.run import assembly, look_back
from tlstudio.training.run.run import train_run


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def run(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: list[Event]) -> RunFolder:
    """A finished run that the checks looked at."""
    monkeypatch.setattr(look_back, "load_backbone", tiny_backbone)
    monkeypatch.setattr(assembly, "load_backbone", tiny_backbone)
    folder = RunFolder(tmp_path / "run")
    train_run(
        scan_folder(photos()),
        folder,
        build_recipe({"device": "cpu", "threads": 1}),
        examine=examine_run,
        emit=events.append,
        control=Control(),
    )
    return folder


def test_findings_are_stored_with_both_evaluations(run: RunFolder):
    result = read_run_result(run)
    for stored in (result.test, result.validation):
        checks = {finding.check for finding in stored.findings}
        assert {"over-fitting", "too-few-tests", "calibration", "better-than-guessing"} <= checks
    few = next(finding for finding in result.test.findings if finding.check == "too-few-tests")
    assert few.numbers["n"] == result.test.n


def test_findings_are_reported_while_the_run_is_trained_and_kept_with_its_events(run: RunFolder, events):
    told = [event for event in events if isinstance(event, FindingsChanged)]
    assert told
    assert [event for event in run.read_events() if isinstance(event, FindingsChanged)] == told


def test_warnings_of_the_checks_are_warnings_of_the_run(run: RunFolder, events):
    raised = {event.code: event.message for event in events if isinstance(event, WarningRaised)}
    found = [finding for finding in read_run_result(run).reported.findings if finding.is_warning]
    assert found
    assert raised == {finding.check: f"{finding.message} {finding.mend}".rstrip() for finding in found}
    assert list(read_run_result(run).warnings) == list(raised.values())


def test_an_evaluation_of_other_images_is_examined(run: RunFolder):
    other = examined(evaluation([0] * 30, [1] * 30, subset="folder"), run)
    (serious,) = [finding for finding in other.findings if finding.severity == "serious"]
    assert serious.check == "better-than-guessing"


def test_a_run_that_is_being_trained_is_judged_by_its_history(run: RunFolder):
    run.metrics.unlink()
    judged = epoch(train_accuracy=1.0, correct=55, n=100, validation_loss=3.0)
    history = [replace(judged, confusion=((55, 0, 0), (0, 0, 45), (0, 0, 0)))]
    found = {finding.check: finding.severity for finding in examine_run(run, history=history)}
    assert found["over-fitting"] == "warning"
    assert "calibration" not in found


def test_findings_stored_with_a_run_are_taken_and_an_older_run_is_examined(run: RunFolder):
    stored = read_run_result(run)
    assert read_examined_result(run).test.findings == stored.test.findings
    metrics = run.read_json(run.metrics)
    one = stored.test.findings[:1]
    metrics["test"]["findings"] = [finding.as_values() for finding in one]
    write_json(run.metrics, metrics)
    assert read_examined_result(run).test.findings == one
    del metrics["test"]["findings"], metrics["validation"]["findings"]
    write_json(run.metrics, metrics)
    again = read_examined_result(run)
    # Its images are not loaded then, so checks that look at them do not run.
    assert list(again.test.findings) == without_images(stored.test.findings)
    assert list(again.validation.findings) == without_images(stored.validation.findings)


def without_images(findings: Sequence[Finding]) -> list[Finding]:
    """The findings of checks that need no images."""
    return [found for found in findings if not {"dataset", "own_dataset"} & {*CHECKS.get(found.check).needs}]


def test_an_evaluation_of_no_images_is_not_examined(run: RunFolder):
    assert examined(evaluation([], []), run).findings == ()
