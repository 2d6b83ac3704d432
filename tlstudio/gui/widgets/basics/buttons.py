"""Buttons in the three weights that pages use, and rows of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy

from tlstudio.gui.widgets.basics.term_tips import with_terms


def primary_button(text: str, *, tip: str) -> QPushButton:
    """The main button of a page, for the usual next step.

    Args:
        text: Its words; `&` marks the mnemonic.
        tip: What happens, in plain words.
    """
    return _button(text, tip=tip, look="primary")


def quiet_button(text: str, *, tip: str) -> QPushButton:
    """A button beside the primary one; the arguments are those of `primary_button`."""
    return _button(text, tip=tip, look="quiet")


def link_button(text: str, *, tip: str) -> QPushButton:
    """A button that looks like a link, for use within a line of text."""
    button = _button(text, tip=tip, look="link")
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def button_row(*buttons: QPushButton) -> QHBoxLayout:
    """A row of buttons at the right, as at the foot of a dialog; the main one comes last."""
    row = QHBoxLayout()
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row


def _button(text: str, *, tip: str, look: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty(look, True)
    words = text.replace("&", "")
    button.setToolTip(with_terms(tip, text=words))
    button.setAccessibleName(words.rstrip("…"))
    button.setAccessibleDescription(tip)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    # Enter presses the focused button, not the first one of a dialog.
    button.setAutoDefault(False)
    return button
