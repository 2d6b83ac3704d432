"""Ends the app with a sentence where Qt finds no screen to open a window on."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

WRONG_INPUT = 2
"""Exit code of the command line for what the person can mend."""


@contextlib.contextmanager
def no_screen_said() -> Iterator[None]:
    """Say what is missing when Qt cannot start, and end with exit code 2 instead of aborting the process.

    Qt calls the handler of its messages before it aborts, and ends there when the handler does.
    """
    reasons: list[str] = []

    def handle(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if kind != QtMsgType.QtFatalMsg:
            reasons.append(" ".join(message.split()))
            return
        reason = f" ({reasons[0].rstrip('.')})" if reasons else ""
        sys.stderr.write(
            f"tlstudio: The window cannot be shown on this screen{reason}. Start the app in a desktop "
            "session; `tlstudio demo` and the other commands need no screen, `tlstudio --help` lists them.\n"
        )
        sys.stderr.flush()
        os._exit(WRONG_INPUT)

    before = qInstallMessageHandler(handle)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
        for reason in reasons:  # warnings of a start that went well
            sys.stderr.write(f"{reason}\n")
