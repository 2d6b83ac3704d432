"""The dialog that asks what to make of a folder of images: a table, copies in class folders, or both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tlstudio.gui.places import proposed_folder, remember_folder
from tlstudio.gui.widgets.basics.buttons import button_row, primary_button, quiet_button
from tlstudio.gui.widgets.basics.elided import ElidedLabel

TABLE, COPIES = "table", "copies"
"""Purposes of `tlstudio.gui.places`."""
ABOUT_TABLE = "Class, probabilities and date of each image; opens in a spreadsheet (CSV)."
ABOUT_COPIES = "One folder per class, with a copy of each image that was given it; odd ones lie apart."
CONTINUED = "There is one already: rows by this model stay, all others are replaced."
WIDTH = 560


class OutputsDialog(QDialog):
    """Asks what to make of a folder, and where; each place is proposed.

    Args:
        folder: The folder of images.

    Attributes:
        table: File for the table.
        copies: Folder for the copies.
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("A folder of images")
        self.setMinimumWidth(WIDTH)
        self.table = proposed_folder(TABLE, images=folder) / f"{folder.name} predictions.csv"
        self.copies = proposed_folder(COPIES, images=folder) / f"{folder.name} by class"
        heading = QLabel(f"What shall be made of the images in “{folder.name}”?")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("heading", True)
        heading.setWordWrap(True)
        note = QLabel("Your images stay where they are and are not changed.")
        note.setProperty("muted", True)
        note.setWordWrap(True)
        self.wants_table = QCheckBox("A &table")
        self.wants_table.setChecked(True)
        self.wants_copies = QCheckBox("&Copies in class folders")
        self.change_table = quiet_button("Change…", tip="Choose where the table is written")
        self.change_copies = quiet_button("Change…", tip="Choose where the class folders are made")
        self.table_place, self.copies_place = ElidedLabel(middle=True), ElidedLabel(middle=True)
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setHorizontalSpacing(12)
        self.about_table, about_copies = QLabel(ABOUT_TABLE), QLabel(ABOUT_COPIES)
        self._add(grid, 0, self.wants_table, self.about_table, self.table_place, self.change_table)
        self._add(grid, 3, self.wants_copies, about_copies, self.copies_place, self.change_copies)
        grid.setColumnStretch(1, 1)
        self.start = primary_button("&Start", tip="Look at every image in the folder")
        self.start.setDefault(True)
        cancel = quiet_button("Cancel", tip="Make nothing")
        buttons = button_row(cancel, self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 18)
        layout.setSpacing(12)
        layout.addWidget(heading)
        layout.addLayout(grid)
        layout.addWidget(note)
        layout.addLayout(buttons)
        self.wants_table.toggled.connect(self._show)
        self.wants_copies.toggled.connect(self._show)
        self.change_table.clicked.connect(self._change_table)
        self.change_copies.clicked.connect(self._change_copies)
        self.start.clicked.connect(self._start)
        cancel.clicked.connect(self.reject)
        self._show()

    def _add(
        self,
        grid: QGridLayout,
        row: int,
        box: QCheckBox,
        about: QLabel,
        place: ElidedLabel,
        change: QPushButton,
    ) -> None:
        about.setWordWrap(True)
        about.setProperty("muted", True)
        box.setToolTip(about.text())
        change.setAccessibleName(f"Change the place of: {box.text().replace('&', '')}")
        grid.addWidget(box, row, 0, 1, 3)
        grid.addWidget(about, row + 1, 1, 1, 2)
        grid.addWidget(place, row + 2, 1)
        grid.addWidget(change, row + 2, 2)
        grid.setColumnMinimumWidth(0, 16)

    @Slot()
    def _show(self) -> None:
        for wanted, place, change, path in (
            (self.wants_table, self.table_place, self.change_table, self.table),
            (self.wants_copies, self.copies_place, self.change_copies, self.copies),
        ):
            place.setText(str(path))
            place.setEnabled(wanted.isChecked())
            change.setEnabled(wanted.isChecked())
        exists = f" {CONTINUED}" if self.table.exists() else ""
        self.about_table.setText(f"{ABOUT_TABLE}{exists}")
        self.start.setEnabled(self.wants_table.isChecked() or self.wants_copies.isChecked())

    @Slot()
    def _change_table(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Write the table", str(self.table), "Table (*.csv)")
        if chosen:
            self.table = Path(chosen)
            self._show()

    @Slot()
    def _change_copies(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Make the class folders in", str(self.copies.parent))
        if chosen:
            self.copies = Path(chosen)
            self._show()

    @Slot()
    def _start(self) -> None:
        if self.wants_table.isChecked():
            remember_folder(TABLE, self.table.parent)
        if self.wants_copies.isChecked():
            remember_folder(COPIES, self.copies.parent)
        self.accept()


def ask_for_outputs(
    folder: Path, *, parent: QWidget, start: Callable[[Path | None, Path | None], None]
) -> OutputsDialog:
    """Open the dialog.

    Args:
        folder: The folder of images.
        parent: Owns the dialog.
        start: Called with the file of the table and the folder of the copies, None for what is not wanted.
    """
    dialog = OutputsDialog(folder, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def accepted() -> None:
        start(
            dialog.table if dialog.wants_table.isChecked() else None,
            dialog.copies if dialog.wants_copies.isChecked() else None,
        )

    dialog.accepted.connect(accepted)
    dialog.open()
    return dialog
