"""Placeholder for an empty page: it says what is missing, and has a button that leads there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.gui.widgets.basics.buttons import primary_button

TEXT_WIDTH_PIXELS = 460


class EmptyState(QWidget):
    """A title, a sentence, and one button.

    Args:
        title: A few words: what is missing.
        text: What to do next.
        action: Words of the button; None shows no button.

    Signals:
        action_requested: The button was pressed.
    """

    action_requested = Signal()

    def __init__(
        self, title: str, text: str, *, action: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        # A column of limited width: long sentences wrap where they are still easy to read.
        column = QWidget()
        column.setMaximumWidth(TEXT_WIDTH_PIXELS)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addWidget(column, 1000)
        row.addStretch(1)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addStretch(1)
        self._title = QLabel(title)
        self._title.setProperty("title", True)
        self._text = QLabel(text)
        self._text.setProperty("muted", True)
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        self.button = primary_button(action or "", tip=text)
        self.button.clicked.connect(self.action_requested)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        # Not before it lies in the column: without a parent it would flash as a window of its own.
        self.button.setVisible(action is not None)
        layout.addStretch(1)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def set_text(self, title: str, text: str) -> None:
        """Change title and sentence."""
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
