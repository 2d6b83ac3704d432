"""Help: every shortcut of the window, and about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from tlstudio import __version__
from tlstudio.gui.widgets.basics.enter_key import let_enter_press

PAGE_SHORTCUTS = (
    ("0 – 9", "Data: label the selected images with the class of that key"),
    ("L", "Data: choose the class from a list; typing filters it"),
    ("Space", "Data: show the image large, and back"),
    ("X", "Data: leave the selected images out, or bring them back"),
    ("F5, Ctrl+V", "Data: look for new files; add what was copied"),
    ("↑ ↓", "Model: move the freeze line"),
    ("Enter", "Evaluate: open the images of a confusion cell"),
    ("Tab, Shift+Tab", "Move between controls"),
    ("Esc", "Dismiss a message, close a dialog"),
)


class ShortcutsDialog(QDialog):
    """A two-column list.

    Args:
        actions: Of the window; those without a shortcut are left out.
    """

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        let_enter_press(self)
        self.setWindowTitle("Keyboard shortcuts")
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(7)
        rows = [
            (action.shortcut().toString(QKeySequence.SequenceFormat.NativeText), action.text())
            for action in actions
            if not action.shortcut().isEmpty()
        ]
        for row, (keys, words) in enumerate((*rows, *PAGE_SHORTCUTS)):
            label = QLabel(keys)
            label.setProperty("heading", True)
            grid.addWidget(label, row, 0)
            grid.addWidget(QLabel(words.replace("&", "").rstrip("…")), row, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(18)
        layout.addLayout(grid)
        layout.addWidget(buttons)


def show_about(parent: QWidget) -> None:
    """Version, licence, and what becomes of the images."""
    box = QMessageBox(parent)
    box.setWindowTitle("About tlstudio")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"tlstudio {__version__}")
    box.setInformativeText(
        "Make an image classifier from your own photos by transfer learning.\n\n"
        "Everything runs on this computer. Your images stay where they are, are never changed, and are "
        "never sent anywhere.\n\n"
        f"Apache License 2.0. Uses Qt {qVersion()} through PySide6 (LGPL)."
    )
    box.exec()
