"""Asks for the name of a run and a note about it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QFormLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from tlstudio.gui.widgets.basics.buttons import button_row, primary_button, quiet_button
from tlstudio.gui.widgets.basics.enter_key import let_enter_press
from tlstudio.project.run_notes import RunNote

LONGEST_TITLE = 80


class NoteDialog(QDialog):
    """A name and a note; deletes itself when closed.

    Args:
        note: As it is now.
        usual: Name of the run when it has none of its own.

    Signals:
        saved: The new note.
    """

    saved = Signal(object)

    def __init__(self, note: RunNote, *, usual: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        let_enter_press(self)
        self.setWindowTitle("Name and note")
        self._note = note
        self.name = QLineEdit(note.title)
        self.name.setMaxLength(LONGEST_TITLE)
        self.name.setPlaceholderText(usual)
        self.name.setAccessibleName("Name of the run")
        self.text = QPlainTextEdit(note.text)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Note about the run")
        self.text.setPlaceholderText("What you tried, and what you learned from it.")
        form = QFormLayout()
        form.addRow("&Name", self.name)
        form.addRow("N&ote", self.text)
        save = primary_button("&Save", tip="Keep the name and the note with the project.")
        cancel = quiet_button("&Cancel", tip="Leave both as they are.")
        save.clicked.connect(self._save)
        cancel.clicked.connect(self.reject)
        self.name.returnPressed.connect(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addLayout(button_row(cancel, save))
        self.resize(440, 240)

    @Slot()
    def _save(self) -> None:
        title, text = " ".join(self.name.text().split()), self.text.toPlainText().strip()
        self.saved.emit(replace(self._note, title=title, text=text))
        self.accept()
