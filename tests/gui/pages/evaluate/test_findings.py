"""The findings on the Evaluate page, of runs with and without stored ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from tlstudio.core.finding import Finding
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions
from tlstudio.gui.pages.evaluate.findings import FindingsCard
from tlstudio.project.runs import RunFolder

FIRST, SECOND = RunFolder(Path("run-1")), RunFolder(Path("run-2"))
RUNNING = "The checks are running…"


class Examination(QObject):
    """A job of the engine that a test ends by itself."""

    succeeded = Signal(dict)
    ended = Signal()

    def succeed(self, *messages: str) -> None:
        findings = [Finding(check="shift", severity="warning", message=text).as_values() for text in messages]
        self.succeeded.emit({"test": findings})
        self.ended.emit()


class Engine:
    """Takes the place of the window's state; keeps the jobs that were submitted."""

    def __init__(self) -> None:
        self.jobs: dict[str, Examination] = {}

    def submit(self, operation: str, *, run: str) -> Examination:
        assert operation == "examine-run"
        self.jobs[run] = Examination()
        return self.jobs[run]


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def card(engine, qtbot) -> FindingsCard:
    made = FindingsCard(engine)
    qtbot.addWidget(made)
    return made


def evaluation(*findings: Finding, subset: str = "test") -> Evaluation:
    predictions = Predictions(
        paths=("1.jpg",), classes=("a", "b"), probabilities=np.array([[0.7, 0.3]]), true_indices=np.array([0])
    )
    return replace(evaluate_predictions(predictions, subset=subset), findings=findings)


def texts(card: FindingsCard) -> list[str]:
    return [finding.message for finding in card.list.findings]


def test_stored_findings_are_shown_without_asking_the_engine(card, engine):
    stored = Finding(check="calibration", severity="warning", message="Too sure.")
    card.show_evaluation(evaluation(stored), FIRST, problem="")
    assert texts(card) == ["Too sure."]
    assert engine.jobs == {}


def test_a_folder_is_not_examined(card, engine):
    card.show_evaluation(evaluation(subset="folder"), FIRST, problem="")
    assert texts(card) == []
    assert engine.jobs == {}


def test_a_run_without_findings_is_examined_once(card, engine):
    card.show_evaluation(evaluation(), FIRST, problem="")
    assert texts(card) == [RUNNING]
    engine.jobs["run-1"].succeed("Other images.")
    assert texts(card) == ["Other images."]
    engine.jobs.clear()
    card.show_evaluation(evaluation(), FIRST, problem="It is damaged.")
    assert texts(card) == ["It is damaged.", "Other images."]
    assert engine.jobs == {}


def test_findings_stay_with_their_run_when_another_is_chosen_meanwhile(card, engine):
    card.show_evaluation(evaluation(), FIRST, problem="")
    card.show_evaluation(evaluation(), SECOND, problem="")
    engine.jobs["run-1"].succeed("Of the first.")
    assert texts(card) == [RUNNING]
    engine.jobs["run-2"].succeed("Of the second.")
    assert texts(card) == ["Of the second."]
    card.show_evaluation(evaluation(), FIRST, problem="")
    assert texts(card) == ["Of the first."]


def test_an_examination_that_failed_is_said_and_tried_again_later(card, engine):
    card.show_evaluation(evaluation(), FIRST, problem="")
    engine.jobs["run-1"].ended.emit()
    assert texts(card) == ["The checks did not run."]
    engine.jobs.clear()
    card.show_evaluation(evaluation(), FIRST, problem="")
    assert texts(card) == [RUNNING]


def test_findings_are_shown_whole_and_the_others_on_demand(card, qtbot):
    many = [
        Finding(check="shift", severity="warning", message=f"{number}: it says something. " * 2)
        for number in range(8)
    ]
    card.resize(260, 420)
    card.show()
    card.show_evaluation(evaluation(*many), FIRST, problem="")
    qtbot.wait(20)

    def is_whole(button) -> bool:
        top = button.mapTo(card.list, button.rect().topLeft()).y()
        return top >= 0 and top + button.heightForWidth(button.width()) <= card.list.height() + 1

    in_sight = [button for button in card.list.buttons if button.isVisible()]
    assert 0 < len(in_sight) < 8
    assert all(map(is_whole, in_sight))
    assert card.more.text() == f"{8 - len(in_sight)} more ▾"
    card.more.click()
    card.resize(260, card.minimumHeight())
    qtbot.wait(20)
    assert all(button.isVisible() and is_whole(button) for button in card.list.buttons)
    card.more.click()
    card.resize(260, 420)
    qtbot.wait(20)
    assert sum(button.isVisible() for button in card.list.buttons) == len(in_sight)


def test_few_findings_leave_their_room_to_others(card, qtbot):
    card.resize(260, 600)
    card.show()
    few = Finding(check="shift", severity="ok", message="All is well.")
    card.show_evaluation(evaluation(few), FIRST, problem="")
    qtbot.wait(20)
    assert card.maximumHeight() < 200
    assert not card.more.isVisible()
