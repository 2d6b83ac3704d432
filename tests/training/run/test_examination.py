"""When the checks look at a training."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.checks.made import dataset, epoch, evaluation
from tlstudio.core.events import Event, FindingsChanged, StageStarted, WarningRaised
from tlstudio.core.finding import Finding
from tlstudio.core.types import Split
from tlstudio.project.runs import RunFolder
from tlstudio.training.run import examination as examination_module
from tlstudio.training.run.event_log import RunLog
from tlstudio.training.run.examination import Examination, no_checks

SPLIT = Split(assignment={}, seed=0, validation_fraction=0, test_fraction=0)


class Looks:
    """An `Examine` that notes what it was given and finds how many epochs there are."""

    def __init__(self, severity="ok") -> None:
        self.severity = severity
        self.histories: list[list[int]] = []

    def __call__(self, run, *, dataset, split, history, evaluation):
        self.histories.append([event.epoch for event in history])
        subset = evaluation.subset if evaluation is not None else "training"
        message = f"{len(history)} epochs, {subset}."
        return [Finding(check="c", severity=self.severity, message=message, mend="Look.", paths=("a",))]


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.create()
    return folder


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture(autouse=True)
def never_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(examination_module, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(examination_module, "PAUSE", 0)


def examination(run: RunFolder, events: list[Event], examine) -> Examination:
    log = RunLog(run, emit=events.append)
    return Examination(run, log=log, dataset=dataset(), split=SPLIT, examine=examine)


def messages(events: list[Event]) -> list[str]:
    return [event.findings[0]["message"] for event in events if isinstance(event, FindingsChanged)]


def test_events_are_passed_on_and_findings_follow_each_epoch(run, events):
    emit = examination(run, events, Looks())
    started = StageStarted(run_id="run", stage="s", title="t")
    emit(started)
    emit(epoch(number=1))
    emit(epoch(number=2))
    assert events[0] == started
    assert [type(event).__name__ for event in events[1:]] == ["EpochEnded", "FindingsChanged"] * 2
    assert messages(events) == ["1 epochs, training.", "2 epochs, training."]
    assert messages(run.read_events()) == messages(events)


def test_epochs_in_quick_succession_are_looked_at_together(run, events, monkeypatch):
    monkeypatch.setattr(examination_module, "SECONDS_BETWEEN", 60.0)
    looks = Looks()
    emit = examination(run, events, looks)
    for number in range(1, 6):
        emit(epoch(number=number))
    assert looks.histories == [[1]]


def test_slow_checks_leave_most_of_the_time_to_the_training(run, events, monkeypatch):
    monkeypatch.setattr(examination_module, "PAUSE", 1000)
    looks = Looks()

    def slow(run, **rest):
        time.sleep(0.02)
        return looks(run, **rest)

    emit = examination(run, events, slow)
    for number in range(1, 6):
        emit(epoch(number=number))
    assert looks.histories == [[1]]


def test_a_resumed_run_remembers_its_epochs_and_those_trained_again_count_once(run, events):
    for number in (1, 2, 3):
        run.append_event(epoch(number=number))
    looks = Looks()
    examination(run, events, looks)(epoch(number=3))
    assert looks.histories == [[1, 2, 3]]


def test_findings_that_stay_the_same_are_reported_once(run, events):
    same = [Finding(check="c", severity="ok", message="Fine.")]
    emit = examination(run, events, lambda run, **rest: same)
    emit(epoch(number=1))
    emit(epoch(number=2))
    assert messages(events) == ["Fine."]


def test_at_the_end_both_evaluations_are_examined_and_warnings_raised_for_the_test(run, events):
    end = examination(run, events, Looks("warning"))
    validation, test = end.finish(
        evaluation([0, 1], [0, 1], subset="validation"), evaluation([0], [0], subset="test")
    )
    assert [found.message for found in validation.findings] == ["0 epochs, validation."]
    assert [found.message for found in test.findings] == ["0 epochs, test."]
    (raised,) = [event for event in events if isinstance(event, WarningRaised)]
    assert (raised.code, raised.message, raised.paths) == ("c", "0 epochs, test. Look.", ("a",))


def test_without_test_images_the_validation_images_count(run, events):
    end = examination(run, events, Looks("serious"))
    end.finish(evaluation([0], [0], subset="validation"), evaluation([], [], subset="test"))
    (raised,) = [event for event in events if isinstance(event, WarningRaised)]
    assert raised.message.startswith("0 epochs, validation.")


def test_ok_and_notes_raise_no_warning(run, events):
    examination(run, events, Looks("note")).finish(evaluation([0], [0]), evaluation([0], [0]))
    assert not [event for event in events if isinstance(event, WarningRaised)]


def test_without_checks_nothing_is_reported(run, events):
    emit = examination(run, events, no_checks)
    emit(epoch(number=1))
    validation, test = emit.finish(evaluation([0], [0]), evaluation([0], [0]))
    assert validation.findings == test.findings == ()
    assert [type(event).__name__ for event in events] == ["EpochEnded"]
