"""The windows of values that the images of the open project are shown through, as a backbone sees them."""

from __future__ import annotations

import functools

from PySide6.QtCore import QObject, Signal

from tlstudio.core.values import ValueWindow


class ShownWindows(QObject):
    """The windows of values of the open project.

    Signals:
        changed: Images with more than 8 bits look different now.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._windows: tuple[ValueWindow, ...] | None = None

    @property
    def windows(self) -> tuple[ValueWindow, ...] | None:
        """One for each layout; None where all images are ordinary ones."""
        return self._windows

    def show_through(self, windows: tuple[ValueWindow, ...] | None) -> None:
        """Show images through other windows."""
        if windows != self._windows:
            self._windows = windows
            self.changed.emit()


@functools.cache
def shown_windows() -> ShownWindows:
    """The only instance."""
    return ShownWindows()
