"""Counts what a person clicks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget


class Clicks(QObject):
    """Counts the presses of the left button in the application."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self._last: tuple[QPointF, int] | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A press that a widget ignores is sent on to its parents: it is one click all the same.
        is_press = event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget)
        if is_press and isinstance(event, QMouseEvent):
            press = (event.globalPosition(), event.timestamp())
            self.count += press != self._last
            self._last = press
        return False
