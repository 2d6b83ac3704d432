"""Enter presses the focused button."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.enter_key import let_enter_press


def shown(window: QWidget, qtbot, *parts: QWidget) -> None:
    layout = QVBoxLayout(window)
    for part in parts:
        layout.addWidget(part)
    let_enter_press(window)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


@pytest.mark.parametrize("kind", [QPushButton, QToolButton, QCheckBox, lambda: quiet_button("x", tip="y")])
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_focused_button_of_any_kind_is_pressed_once(qtbot, kind, key):
    button = kind()
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    window = QWidget()
    shown(window, qtbot, QLineEdit(), button)
    button.setFocus()
    QTest.keyClick(button, key)
    assert pressed == [True]


def test_in_a_dialog_the_focused_button_is_pressed_and_not_the_default(qtbot):
    default, other, line = QPushButton("Delete"), quiet_button("Cancel", tip="Keep it"), QLineEdit()
    default.setDefault(True)
    pressed: list[str] = []
    default.clicked.connect(lambda: pressed.append("Delete"))
    other.clicked.connect(lambda: pressed.append("Cancel"))
    window = QDialog()
    shown(window, qtbot, line, default, other)
    other.setFocus()
    QTest.keyClick(other, Qt.Key.Key_Return)
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert pressed == ["Cancel", "Delete"]


def test_a_disabled_button_is_not_pressed(qtbot):
    button = QPushButton("x")
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    window = QWidget()
    shown(window, qtbot, button)
    button.setFocus()
    button.setEnabled(False)
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert pressed == []
