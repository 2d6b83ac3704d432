"""Notices when files in the folder of images are added, deleted or changed, once they are whole."""

from __future__ import annotations

import os
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from tlstudio.data.naming import is_hidden
from tlstudio.gui.engine_client import Background

SETTLE_MS = 1000
"""Files that are still being copied change within this time."""
MOST_FOLDERS = 2000
"""Systems limit how many folders are watched; in others, files are noticed when the person comes back."""


@dataclass(frozen=True, slots=True)
class _Check:
    """A check of the folder that was requested.

    Attributes:
        root: The folder.
        is_read: Whether the folder is being read now, so that this is what the project knows.
    """

    root: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    fingerprint: int
    folders: tuple[str, ...]


class ContentWatch(QObject):
    """Watches one folder and all folders in it.

    Two checks in a row must find the same before `changed` is emitted: a file that is still being copied is
    not read yet.

    Args:
        background: Runs the checks.

    Signals:
        changed: There is something else in the folder than when it was last read.
    """

    changed = Signal()

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._root = ""
        self._read: int | None = None
        self._last: int | None = None
        self._watcher: QFileSystemWatcher | None = None
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self.check)
        background.done.connect(self._checked)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._application_changed)

    def set_root(self, root: str) -> None:
        """Watch another folder; an empty path watches nothing."""
        self._timer.stop()
        if self._watcher is not None:
            # At once and here: Python might free it in a thread of the background, where it must not be.
            shiboken6.delete(self._watcher)
            self._watcher = None
        if root:
            self._watcher = QFileSystemWatcher()
            self._watcher.directoryChanged.connect(self._timer.start)
        self._root, self._read, self._last = root, None, None

    def reading_begins(self) -> None:
        """The folder is being read now: what lies in it from now on is known."""
        if self._root:
            self._submit(is_read=True)

    @Slot()
    def check(self) -> None:
        """Check whether anything is different."""
        if self._root:
            self._submit(is_read=False)

    def close(self) -> None:
        """Stop watching."""
        self.set_root("")

    def _submit(self, *, is_read: bool) -> None:
        root = self._root
        self._background.submit(_Check(root, is_read), lambda: _examine(root))

    @Slot(object, object)
    def _checked(self, key: object, seen: object) -> None:
        if not isinstance(key, _Check) or key.root != self._root or not isinstance(seen, _Seen):
            return
        assert self._watcher is not None
        missing = set(seen.folders) - set(self._watcher.directories())
        if missing:
            self._watcher.addPaths(sorted(missing))
        before, self._last = self._last, seen.fingerprint
        if key.is_read:
            self._read = seen.fingerprint
        elif self._read is None or seen.fingerprint == self._read:
            return
        elif seen.fingerprint != before:
            self._timer.start()
        else:
            self._read = seen.fingerprint
            self.changed.emit()

    @Slot(Qt.ApplicationState)
    def _application_changed(self, state: Qt.ApplicationState) -> None:
        # On network drives nothing is notified; the person who copied files there comes back to this window.
        if state == Qt.ApplicationState.ApplicationActive and self._root:
            self._timer.start()


def _examine(root: str) -> _Seen | None:
    """Examine all files below a folder; None when it is missing. Slow for many: not for the GUI thread."""
    if not os.path.isdir(root):  # noqa: PTH112
        return None
    fingerprint = 0
    folders: list[str] = []
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not is_hidden(name)]
        if len(folders) < MOST_FOLDERS:
            folders.append(folder)
        for name in files:
            if is_hidden(name):
                continue
            path = os.path.join(folder, name)  # noqa: PTH118
            try:
                status = os.stat(path)  # noqa: PTH116
            except OSError:
                continue
            # The order in which a system lists files must not matter.
            fingerprint ^= hash((path, status.st_size, status.st_mtime_ns))
    return _Seen(fingerprint, tuple(folders))
