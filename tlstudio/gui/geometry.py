"""Saves and restores the size and position of the window, and brings it to the front."""

from __future__ import annotations

import base64
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from tlstudio.core.conveniences import settings_if_possible
from tlstudio.core.files import settings_dir, write_json
from tlstudio.core.text_files import parse_json, read_text

USUAL = QSize(1440, 900)
FRAME = QSize(16, 40)
"""Room for the desktop's frame around a window; without it the footer would lie below a small screen."""


def restore_geometry(window: QWidget) -> None:
    """Restore the size and position of a window, or its default size if that fits the screen."""
    try:
        saved = parse_json(read_text(_file()))["geometry"]
        if window.restoreGeometry(QByteArray(base64.b64decode(saved))):
            return
    except (OSError, ValueError, TypeError, KeyError):
        pass  # never saved, or damaged: the usual size will do
    room = window.screen().availableGeometry().size() - FRAME
    window.resize(USUAL.boundedTo(room))


def save_geometry(window: QWidget) -> None:
    """Save the size and position of a window."""
    saved = base64.b64encode(window.saveGeometry().data()).decode("ascii")
    with settings_if_possible():
        write_json(_file(), {"geometry": saved})


def _file() -> Path:
    return settings_dir() / "window.json"


def bring_to_front(window: QWidget) -> None:
    """Show a window before all others, or ask for attention where the desktop does not allow that."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    QApplication.alert(window)
