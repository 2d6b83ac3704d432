"""Enter presses the focused button, in windows and dialogs alike; by itself often only Space does."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget


def let_enter_press(window: QWidget) -> None:
    """Let Enter press the focused button of a window or dialog, also where another is the default."""
    window.installEventFilter(_EnterPresses(window))


class _EnterPresses(QObject):
    """Sees the keys that no widget of a window took, before the window does."""

    def eventFilter(self, _window: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        focused = QApplication.focusWidget()
        if not isinstance(focused, QAbstractButton) or not focused.isEnabled():
            return False
        if not event.isAutoRepeat():
            focused.click()
        return True
