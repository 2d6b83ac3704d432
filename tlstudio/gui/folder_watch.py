"""Notices when the folder of images of the open project goes away or comes back."""

from __future__ import annotations

from pathlib import Path

import shiboken6
from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from tlstudio.gui.engine_client import Background

INTERVAL_MS = 3000
"""Time between checks, for changes that the system reports to nobody, such as a drive that was pulled out."""


class FolderWatch(QObject):
    """Checks whether a folder is there: when the system says that it changed, and from time to time.

    Attributes:
        is_there: Result of the last check; True before the first one.

    Signals:
        changed: Whether the folder is there now, when that is no longer what it was.
    """

    changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_there = True
        self._folder: Path | None = None
        self._checking: Path | None = None
        # Its own thread: a drive that is asleep may take many seconds to respond.
        self._background = Background(self)
        self._background.done.connect(self._checked)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self.check)
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._check_if_active)

    def set_folder(self, folder: Path | None) -> None:
        """Watch another folder, or none; the new one is checked at once."""
        self._unwatch()
        self._folder, self._checking, self.is_there = folder, None, True
        if folder is None:
            self._timer.stop()
        else:
            self._timer.start()
            self.check()

    @Slot()
    def check(self) -> None:
        """Check now, unless a check is under way."""
        if self._folder is not None and self._checking is None:
            self._checking = self._folder
            self._background.submit(self._folder, self._folder.is_dir)

    def close(self) -> None:
        """Stop watching and wait for the running check."""
        self.set_folder(None)
        self._background.close()
        if shiboken6.isValid(self._watcher):
            # Here and now: Python might free it in a thread of the background, where it must not be.
            shiboken6.delete(self._watcher)

    def _unwatch(self) -> None:
        if shiboken6.isValid(self._watcher) and self._watcher.directories():
            self._watcher.removePaths(self._watcher.directories())

    @Slot()
    def _check_if_active(self) -> None:
        if QGuiApplication.applicationState() == Qt.ApplicationState.ApplicationActive:
            self.check()

    @Slot(object, object)
    def _checked(self, folder: object, result: object) -> None:
        if self._folder is None or folder != self._folder:
            return  # another folder was set meanwhile
        self._checking = None
        is_there = result is True
        if not is_there:
            self._unwatch()
        elif not self._watcher.directories():
            # A folder that is renamed is a change of the one above it.
            self._watcher.addPaths([str(self._folder), str(self._folder.parent)])
        if is_there != self.is_there:
            self.is_there = is_there
            self.changed.emit(is_there)
