"""Declared inputs: their controls, and the sentence while one is missing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.forms.input_field import InputField
from tlstudio.specs.spec import InputSpec


@pytest.fixture
def make(qtbot):
    background = Background()

    def build(kind: str, *, required: bool = True, **rest: object) -> InputField:
        spec = InputSpec(
            id="other", title="Photos from there", help="Where it will be used.", kind=kind, flag="--other",
            required=required, **rest,
        )  # fmt: skip
        field = InputField(spec, background=background)
        qtbot.addWidget(field)
        field.show()
        return field

    yield build
    background.close()


@pytest.mark.parametrize(
    ("kind", "request_text"),
    [
        ("folder", "Photos from there: choose a folder."),
        ("run", "Photos from there: choose a run."),
        ("column", "Photos from there: choose a column or type one."),
        ("text", "Photos from there: fill it in."),
        ("classes", "Photos from there: name the classes."),
    ],
)
def test_a_required_input_that_is_missing_says_what_to_do(make, kind: str, request_text: str):
    field = make(kind)
    assert field.problem == request_text
    assert field.help.text() == "Where it will be used."
    assert make(kind, required=False).problem == ""


def test_images_of_the_project_without_a_label_stand_in_where_they_are_enough(make):
    field = make("images", else_unlabelled=True, fewest=50)
    titles = [label.text() for label in field.findChildren(QLabel) if label.buddy() is field.control]
    assert titles == ["Photos from there"]
    because = "Photos from there: choose a folder, because"
    assert field.problem == f"{because} every image of this project has a label."
    field.set_unlabelled(1)
    assert field.problem == (
        f"{because} only 1 image of this project has no label, and at least 50 are needed."
    )
    field.set_unlabelled(50)
    assert field.problem == ""
    (title,) = [label for label in field.findChildren(QLabel) if label.buddy() is field.control]
    assert title.text() == "Photos from there (optional)"
    assert make("images", required=False, else_unlabelled=True, fewest=50).problem == ""


def test_a_folder_is_shown_and_checked(make, tmp_path, qtbot):
    field = make("folder")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.jpg").write_bytes(b"x")
    field.set_value(str(tmp_path / "there"))
    assert (field.value(), field.problem) == (str(tmp_path / "there"), "")
    field.set_value(str(tmp_path / "gone"))
    assert field.problem == "Photos from there: this folder is not there any more. Choose it again."


def test_a_run_is_chosen_from_the_list(make, tmp_path, qtbot):
    field = make("run")
    for name in ("run-1", "run-2"):
        (tmp_path / name).mkdir()
    field.control.set_runs([(str(tmp_path / "run-1"), "Run 1"), (str(tmp_path / "run-2"), "Run 2")])
    assert field.value() == ""
    field.control.setFocus()
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClick(field.control, Qt.Key.Key_Down)
    assert emitted.args == [str(tmp_path / "run-1")]
    field.set_value(str(tmp_path / "run-2"))
    assert field.control.currentText() == "Run 2"
    field.set_value(str(tmp_path / "run-9"))
    assert "not there any more" in field.problem


def test_a_text_is_emitted_when_editing_finishes(make, qtbot):
    field = make("text")
    qtbot.keyClicks(field.control, " left lung ")
    assert field.value() == ""
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClick(field.control, Qt.Key.Key_Return)
    assert emitted.args == ["left lung"]
    assert field.problem == ""


def test_an_optional_input_says_so_and_can_be_taken_away_again(make, tmp_path, qtbot):
    field = make("run", required=False)
    assert field.control.accessibleName() == "Photos from there"
    assert any(label.text() == "Photos from there (optional)" for label in field.findChildren(QLabel))
    field.control.set_runs([(str(tmp_path), "Run 1")])
    field.set_value(str(tmp_path))
    field.control.setFocus()
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClick(field.control, Qt.Key.Key_Up)
    assert (emitted.args, field.problem) == ([""], "")
