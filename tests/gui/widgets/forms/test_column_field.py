"""The choice of a column: from the list, or typed."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.forms.column_field import ColumnField

CHOICES = [("camera", "Column “camera” of table.csv"), ("^([^/]+)/", "The folder directly in yours")]


def problem_of(rule: str) -> str:
    return "" if rule in ("camera", "place", "^([^/]+)/") else f"“{rule}” is no column."


@pytest.fixture
def background():
    background = Background()
    yield background
    background.close()


@pytest.fixture
def field(qtbot, background):
    field = ColumnField(background=background)
    qtbot.addWidget(field)
    field.show()
    field.set_choices(CHOICES, problem_of=problem_of)
    return field


def test_nothing_is_chosen_at_first(field):
    assert (field.value(), field.currentText()) == ("", "")


def test_a_choice_gives_its_rule(field, qtbot):
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClick(field, Qt.Key.Key_Down)
    assert emitted.args == ["camera"]
    assert field.value() == "camera"


def test_what_is_typed_is_the_rule_itself(field, qtbot):
    qtbot.keyClicks(field.lineEdit(), " place ")
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    assert emitted.args == ["place"]
    assert field.currentText().strip() == "place"
    field.lineEdit().clear()
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    assert emitted.args == [""]


def test_a_rule_is_shown_by_its_title_also_when_choices_come_later(qtbot, background):
    field = ColumnField(background=background)
    qtbot.addWidget(field)
    field.set_value("camera")
    assert field.currentText() == "camera"
    field.set_choices(CHOICES, problem_of=None)
    assert (field.currentText(), field.value()) == (CHOICES[0][1], "camera")
    field.set_value("day")
    assert field.currentText() == "day"


def test_what_is_being_typed_stays_when_choices_come(field, qtbot):
    qtbot.keyClicks(field.lineEdit(), "pla")
    field.set_choices(CHOICES[:1], problem_of=None)
    assert (field.currentText(), field.value()) == ("pla", "")


def test_what_is_typed_counts_after_a_pause(field, qtbot):
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClicks(field.lineEdit(), "place")
    assert emitted.args == ["place"]


def test_what_is_wrong_with_a_rule_is_said_once_it_is_known(field, qtbot):
    qtbot.keyClicks(field.lineEdit(), "(")
    with qtbot.waitSignal(field.problem_changed):
        qtbot.keyClick(field.lineEdit(), Qt.Key.Key_Return)
    assert field.problem == "“(” is no column."
    field.set_choices(CHOICES, problem_of=None)
    assert not field.problem, "nothing is known now"
    with qtbot.waitSignal(field.problem_changed):
        field.set_choices(CHOICES, problem_of=problem_of)
    assert field.problem
    with qtbot.waitSignal(field.problem_changed):
        field.set_value("camera")
    assert not field.problem


def test_judging_does_not_hold_the_window_and_only_the_last_rule_counts(field, qtbot):
    judged, go_on = [], threading.Event()

    def slowly(rule: str) -> str:
        assert threading.current_thread() is not threading.main_thread()
        go_on.wait(5)
        judged.append(rule)
        return f"“{rule}” is no column."

    field.set_choices(CHOICES, problem_of=slowly)
    said = []
    field.problem_changed.connect(lambda: said.append(field.problem))
    field.set_value("(a")
    field.set_value("(b")
    assert not field.problem, "the window does not wait for it"
    go_on.set()
    qtbot.waitUntil(lambda: len(judged) == 2 and bool(said))
    assert said == ["“(b” is no column."]
