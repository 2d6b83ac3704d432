"""Short notes below each other: a sign, a colour and a sentence that wraps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from tlstudio.gui.theme import theme

Kind = Literal["ok", "info", "warn", "bad"]
SIGNS: dict[Kind, str] = {"ok": "✓", "info": "i", "warn": "!", "bad": "✕"}
SPOKEN: dict[Kind, str] = {"ok": "Good", "info": "Note", "warn": "Look at this", "bad": "Problem"}


class Note(NamedTuple):
    """One note; `tip` explains it further."""

    kind: Kind
    text: str
    tip: str = ""


ORDER: tuple[Kind, ...] = ("bad", "warn", "info", "ok")


def worst_first(notes: Sequence[Note]) -> list[Note]:
    """The same notes, those that want a look on top."""
    return sorted(notes, key=lambda note: ORDER.index(note.kind))


class NoteList(QScrollArea):
    """Notes in a box; scrolls where they are many.

    Args:
        name: Accessible name of the list.
    """

    def __init__(self, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes: list[Note] = []
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget()
        self._inside.setProperty("plain", True)
        self._layout = QVBoxLayout(self._inside)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addStretch(1)
        self.setWidget(self._inside)
        theme().changed.connect(self._rebuild)

    @property
    def notes(self) -> list[Note]:
        """What is shown."""
        return list(self._notes)

    def set_notes(self, notes: Sequence[Note]) -> None:
        """Show these; nothing is done when they are the same."""
        if list(notes) == self._notes:
            return
        self._notes = list(notes)
        self._rebuild()

    @Slot()
    def _rebuild(self) -> None:
        rows = self.findChildren(_Row)
        for row, note in zip(rows, self._notes, strict=False):
            row.show_note(note)
        for row in rows[len(self._notes) :]:
            # Hidden by name: a layout shows what it was given a moment later, and by then this would be
            # a window of its own.
            row.hide()
            row.setParent(None)
            row.deleteLater()
        for number, note in enumerate(self._notes[len(rows) :], start=len(rows)):
            self._layout.insertWidget(number, _Row(note))
        self.setAccessibleDescription(". ".join(f"{SPOKEN[note.kind]}: {note.text}" for note in self._notes))


class _Row(QFrame):
    """A note in its frame. While a run learns, its words change many times a second."""

    def __init__(self, note: Note) -> None:
        super().__init__()
        self.setObjectName("note")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(9, 3, 9, 3)
        layout.setSpacing(8)
        self._sign = QLabel()
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.show_note(note)

    def show_note(self, note: Note) -> None:
        """Show another note; a style costs far more to set than a text, and is set only when it changes."""
        colours = theme().colours
        colour = {"ok": colours.ok, "info": colours.muted, "warn": colours.warn, "bad": colours.bad}
        style = (
            f"#note {{ border: 1px solid {colour[note.kind]}; border-radius: 10px; }} "
            f"QLabel {{ color: {colour[note.kind]}; }}"
        )
        if style != self.styleSheet():
            self.setStyleSheet(style)
        self.setToolTip(note.tip)
        self._sign.setText(SIGNS[note.kind])
        self._sign.setAccessibleName(SPOKEN[note.kind])
        self._text.setText(note.text)
