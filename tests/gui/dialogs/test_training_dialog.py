"""The question at closing, answered by mouse and keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from tlstudio.gui.dialogs.training_dialog import Answer, ask_about_training


@pytest.fixture
def parent(qtbot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    return parent


@pytest.mark.parametrize(
    ("button", "answer"),
    [
        ("&Keep training", Answer.KEEP_TRAINING),
        ("&Stop and keep it", Answer.STOP_AND_KEEP),
        ("&Close", Answer.CLOSE),
    ],
)
def test_each_button_has_its_answer(parent, button: str, answer: Answer):
    def press() -> None:
        box = parent.findChild(QMessageBox)
        next(one for one in box.buttons() if one.text() == button).click()

    QTimer.singleShot(0, press)
    assert ask_about_training(parent, has_learned=True) is answer


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_escape_and_enter_keep_it_running(parent, key: Qt.Key):
    QTimer.singleShot(0, lambda: QTest.keyClick(QApplication.activeModalWidget(), key))
    assert ask_about_training(parent, has_learned=True) is Answer.KEEP_TRAINING


def test_there_is_nothing_to_keep_before_anything_was_learned(parent):
    texts = []

    def look() -> None:
        box = parent.findChild(QMessageBox)
        texts.extend(button.text() for button in box.buttons())
        texts.append(box.informativeText())
        next(one for one in box.buttons() if one.text() == "&Close").click()

    QTimer.singleShot(0, look)
    assert ask_about_training(parent, has_learned=False) is Answer.CLOSE
    assert not any("keep it" in text for text in texts)


@pytest.mark.parametrize("can_resume", [False, True])
def test_a_run_that_has_only_just_begun_promises_nothing(parent, can_resume: bool):
    texts = []

    def look() -> None:
        box = parent.findChild(QMessageBox)
        texts.append(box.informativeText())
        next(one for one in box.buttons() if one.text() == "&Close").click()

    QTimer.singleShot(0, look)
    ask_about_training(parent, has_learned=False, can_resume=can_resume)
    assert ("can be resumed" in texts[0]) is can_resume
    assert ("nothing of it is kept" in texts[0]) is not can_resume
