"""Scroll-safe fields: the mouse wheel scrolls the page and never changes their value."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDoubleSpinBox, QSpinBox

INDENT_PIXELS = 7


def indent(field: QAbstractSpinBox) -> None:
    """Indent a number like the text of other fields; the style sheet's padding does not apply to it."""
    field.lineEdit().setTextMargins(INDENT_PIXELS, 0, 0, 0)


class ScrollSafeSpinBox(QSpinBox):
    """A scroll-safe field for a whole number."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        indent(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class ScrollSafeDecimalBox(QDoubleSpinBox):
    """A scroll-safe field for a number with decimals."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        indent(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()


class ScrollSafeComboBox(QComboBox):
    """A scroll-safe combo box."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()
