"""Shows names that people give as they are, also where they look like markup."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox


def as_plain_text(box: QMessageBox) -> None:
    """Take all texts of a message box as plain text; call it once they are set."""
    box.setTextFormat(Qt.TextFormat.PlainText)
    for label in box.findChildren(QLabel):  # `setTextFormat` leaves out the text below the first
        label.setTextFormat(Qt.TextFormat.PlainText)
