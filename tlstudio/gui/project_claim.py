"""Keeps a project open in one window at a time: a second window asks the first to come to the front."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from tlstudio.core.errors import UserError
from tlstudio.core.files import settings_dir

PATIENCE_MS = 500
"""Longest wait for an answer on this computer; a window that is there takes a call at once."""


class ProjectClaim(QObject):
    """The claim of one window on one project; it ends with the process in any case.

    Signals:
        asked_for: Another window wants the project: this one should come to the front.
    """

    asked_for = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._called)

    def take(self, folder: Path, *, name: str) -> None:
        """Claim a project in place of the one claimed before.

        Args:
            folder: Of the project.
            name: Of the project, for the message.

        Raises:
            UserError: It is open in another window, which comes to the front; the earlier claim stays.
        """
        if folder == self._folder:
            return
        if _another_window_answers(folder):
            raise UserError(
                f"“{name}” is open in another window, which comes to the front now.",
                work="A project is open in one window at a time, so that none shows old labels.",
                mend="Go on there, or close that window first.",
            )
        self.release()
        self._folder = folder
        QLocalServer.removeServer(_name(folder))  # left by a process that was killed; nobody answered there
        self._server.listen(_name(folder))

    def release(self) -> None:
        """Let other windows open the project."""
        self._folder = None
        self._server.close()

    @Slot()
    def _called(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnected.connect(caller.deleteLater)
            caller.disconnectFromServer()
            self.asked_for.emit()


def _another_window_answers(folder: Path) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(_name(folder))
    answered = socket.waitForConnected(PATIENCE_MS)
    socket.abort()
    return answered


def _name(folder: Path) -> str:
    """A name for the project that is this person's own, short enough for every system."""
    text = f"{settings_dir()}\n{folder}"
    return f"tlstudio-{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()[:24]}"
