"""A text area as high as its text; it scrolls where room is short."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QWidget

FEWEST_LINES = 3


class TextBox(QScrollArea):
    """Plain text that wraps and can be copied.

    Args:
        name: Accessible name.
    """

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setProperty("plain", True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(name)
        self.setWidget(self._label)

    def text(self) -> str:
        """The text shown."""
        return self._text

    def set_text(self, text: str) -> None:
        """Change the text."""
        if text == self._text:
            return
        self._text = text
        self._label.setText(text.replace(" %", "\u00a0%"))  # a number is not parted from its sign
        self.setAccessibleDescription(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Size of the whole text at the current width."""
        return QSize(200, max(self._label.heightForWidth(max(self.width(), 1)), self._few_lines()))

    def minimumSizeHint(self) -> QSize:
        """Size of a few lines."""
        return QSize(80, self._few_lines())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Update the height for the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _few_lines(self) -> int:
        return FEWEST_LINES * self.fontMetrics().lineSpacing()
