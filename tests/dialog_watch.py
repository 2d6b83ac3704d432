"""Closes dialogs that wait for an answer which no test gives."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest


class DialogWatch:
    """Closes a dialog that waits for an answer which nobody gives; without it one fault stops all tests.

    Args:
        patience_seconds: How long a dialog may wait.
    """

    NAME = "dialog-watch"

    def __init__(self, *, patience_seconds: float) -> None:
        self.patience_seconds = patience_seconds
        self.closed: list[str] = []
        self._dialog: object = None
        self._since = 0.0
        self._timer: Any = None

    def __enter__(self) -> DialogWatch:
        widgets, core = sys.modules.get("PySide6.QtWidgets"), sys.modules.get("PySide6.QtCore")
        if widgets is not None and core is not None and widgets.QApplication.instance() is not None:
            self._timer = core.QTimer(objectName=self.NAME, interval=200)
            self._timer.timeout.connect(self._look)
            self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._timer is not None:
            self._timer.stop()

    def _look(self) -> None:
        widgets = sys.modules["PySide6.QtWidgets"]
        dialog = widgets.QApplication.activeModalWidget()
        if dialog is not self._dialog:
            self._dialog, self._since = dialog, time.monotonic()
        elif dialog is not None and time.monotonic() - self._since > self.patience_seconds:
            self.closed.append(f"{type(dialog).__name__} {dialog.windowTitle()!r}")
            # `close` asks a dialog that may refuse; `done` does not.
            dialog.done(0) if isinstance(dialog, widgets.QDialog) else dialog.hide()

    def check(self) -> None:
        """Fail if a dialog had to be closed."""
        if self.closed:
            pytest.fail("a dialog waited for an answer: " + ", ".join(self.closed))
