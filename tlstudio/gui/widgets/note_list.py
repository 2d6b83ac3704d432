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
        """Show these; nothing is rebuilt when they are the same."""
        if list(notes) == self._notes:
            return
        self._notes = list(notes)
        self._rebuild()

    @Slot()
    def _rebuild(self) -> None:
        while self._layout.count() > 1:
            item = self._layout.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                # Hidden by name: a layout shows what it was given a moment later, and by then this would be
                # a window of its own.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        for number, note in enumerate(self._notes):
            self._layout.insertWidget(number, _row(note))
        self.setAccessibleDescription(". ".join(f"{SPOKEN[note.kind]}: {note.text}" for note in self._notes))


def _row(note: Note) -> QFrame:
    colours = theme().colours
    colour = {"ok": colours.ok, "info": colours.muted, "warn": colours.warn, "bad": colours.bad}[note.kind]
    row = QFrame()
    row.setObjectName("note")
    row.setToolTip(note.tip)
    row.setStyleSheet(
        f"#note {{ border: 1px solid {colour}; border-radius: 10px; }} QLabel {{ color: {colour}; }}"
    )
    layout = QHBoxLayout(row)
    layout.setContentsMargins(9, 3, 9, 3)
    layout.setSpacing(8)
    sign = QLabel(SIGNS[note.kind])
    sign.setAccessibleName(SPOKEN[note.kind])
    text = QLabel(note.text)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setWordWrap(True)
    layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(text, 1)
    return row
