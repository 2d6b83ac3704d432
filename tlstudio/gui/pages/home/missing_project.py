"""The question about a project of the list that is not where it was."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMessageBox, QWidget

from tlstudio.gui.widgets.basics.plain_text import as_plain_text


class MissingProjectBox(QMessageBox):
    """Asks whether to look for a project elsewhere or to take it off the list; deletes itself when closed.

    Args:
        name: Of the project.
        folder: Where it was.

    Signals:
        found: Where it was, and the folder that the person chose instead.
        removed: Where it was; it shall no longer be listed.
    """

    found = Signal(str, str)
    removed = Signal(str)

    def __init__(self, name: str, folder: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setText(f"“{name}” is not in its place any more.")
        self.setInformativeText(
            f"It was in {folder}. It was moved, renamed or deleted, or its drive is not plugged in."
        )
        self.find_button = self.addButton("&Find it…", QMessageBox.ButtonRole.ActionRole)
        self.remove_button = self.addButton("&Take it off the list", QMessageBox.ButtonRole.ActionRole)
        self.setEscapeButton(self.addButton("&Cancel", QMessageBox.ButtonRole.RejectRole))
        self.setDefaultButton(self.find_button)
        as_plain_text(self)
        self._folder = folder
        self.buttonClicked.connect(self._pressed)

    @Slot(QAbstractButton)
    def _pressed(self, button: QAbstractButton) -> None:
        if button is self.remove_button:
            self.removed.emit(self._folder)
        elif button is self.find_button:
            # The nearest folder above that is still there: most projects move within one.
            start = next((place for place in Path(self._folder).parents if place.is_dir()), Path.home())
            chosen = QFileDialog.getExistingDirectory(self.parentWidget(), "Where is it now?", str(start))
            if chosen:
                self.found.emit(self._folder, chosen)
