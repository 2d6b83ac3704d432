"""The drop zone for one folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.forms.folder_field import NONE_CHOSEN, FolderField


@pytest.fixture
def field(qtbot):
    background = Background()
    field = FolderField("Unlabelled photos", background=background)
    qtbot.addWidget(field)
    field.show()
    yield field
    background.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "greenhouse"
    (root / "east").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "east/c.png", "notes.txt"):
        (root / name).write_bytes(b"x")
    return root


def drag(field: FolderField, *paths: Path) -> QDragEnterEvent:
    """Hold files over the field."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    field.held = data  # the event does not keep it alive
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    event.ignore()
    QApplication.sendEvent(field, event)
    return event


def drop(field: FolderField, *paths: Path) -> None:
    """Drop files onto the field."""
    drag(field, *paths)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        field, QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, field.held, buttons, keys)
    )


def test_a_dropped_folder_is_taken_and_its_files_are_counted(field, folder, qtbot):
    assert field.name.text() == NONE_CHOSEN
    with qtbot.waitSignal(field.changed) as emitted:
        drop(field, folder)
    assert emitted.args == [str(folder)]
    assert field.name.text() == "greenhouse"
    qtbot.waitUntil(lambda: field.status.text() == "3 files")
    assert field.problem == ""
    assert field.property("active") is False


def test_only_one_folder_is_accepted(field, folder):
    assert drag(field, folder).isAccepted()
    assert not drag(field, folder / "a.jpg").isAccepted()
    assert not drag(field, folder, folder / "east").isAccepted()


def test_the_button_asks_for_a_folder(field, folder, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_arguments: str(folder))
    with qtbot.waitSignal(field.changed):
        qtbot.keyClick(field.choose, Qt.Key.Key_Space)
    assert field.value() == str(folder)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_arguments: "")
    with qtbot.assertNotEmitted(field.changed):
        qtbot.keyClick(field.choose, Qt.Key.Key_Space)
    assert field.value() == str(folder)


def test_a_folder_that_vanished_or_is_empty_is_a_problem(field, tmp_path, qtbot):
    field.set_value(str(tmp_path / "gone"))
    assert "not there any more" in field.problem
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignals([field.problem_changed] * 2):  # taken back first, then found to be empty
        field.set_value(str(tmp_path / "empty"))
    assert "holds no images" in field.problem
    assert field.status.text() == field.problem


def test_only_an_optional_folder_can_be_taken_away(field, folder, qtbot):
    drop(field, folder)
    assert not field.remove.isVisible()
    optional = FolderField("Unlabelled photos", background=field._background, optional=True)
    qtbot.addWidget(optional)
    optional.show()
    drop(optional, folder)
    with qtbot.waitSignal(optional.changed) as emitted:
        qtbot.mouseClick(optional.remove, Qt.MouseButton.LeftButton)
    assert (emitted.args, optional.value(), optional.remove.isVisible()) == ([""], "", False)
