"""All images of the open project in memory, read from its file in batches while the window is idle."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tlstudio.project.store import Project, ProjectImage

MOST_REREAD = 300
"""After a change of more images than this, all are read again."""
BATCH = 500
READING_SECONDS = 0.01
"""Longest time that reading may block the window at once."""


def image_file(root: str, path: str) -> str:
    """The file of an image; its path is relative to the root, or absolute when added from elsewhere."""
    return os.path.join(root, path)  # noqa: PTH118 - pathlib is slow for thousands of thumbnails


class ProjectImages(QObject):
    """The images of a project, sorted by path.

    Attributes:
        all: As last read; a new list after each change.

    Signals:
        changed: `all` was replaced.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: list[ProjectImage] = []
        self._sorted: tuple[list[ProjectImage], list[ProjectImage], list[ProjectImage]] | None = None
        self._project: Project | None = None
        self._positions: dict[str, int] = {}
        self._partly_read: tuple[list[ProjectImage], dict[str, int]] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._read_more)

    @property
    def is_reading(self) -> bool:
        """True while images are still being read; `changed` is emitted at the end."""
        return self._timer.isActive()

    @property
    def used(self) -> list[ProjectImage]:
        """The images without those that are left out."""
        return self._sort()[1]

    @property
    def left_out(self) -> list[ProjectImage]:
        """The images that are left out."""
        return self._sort()[2]

    def get(self, path: str) -> ProjectImage | None:
        """One image by its path; None when the project has no such image."""
        return self.all[self._positions[path]] if path in self._positions else None

    def set_project(self, project: Project | None) -> None:
        """Read the images of another project, without a signal if they are few; None empties the list."""
        self._timer.stop()
        self._project = project
        self.all, self._positions, self._partly_read = [], {}, None
        if project is not None:
            self._start()

    def reload(self) -> None:
        """Read all images again: a few hundred at once, the others while the window is idle."""
        if self._start():
            self.changed.emit()

    def reload_some(self, paths: Sequence[str]) -> None:
        """Read these images again."""
        # Reading ten thousand images again after each key press would be noticeable.
        if self.is_reading or len(paths) > MOST_REREAD:
            self.reload()
            return
        assert self._project is not None
        self.all = list(self.all)
        for path in self._positions.keys() & set(paths):
            self.all[self._positions[path]] = self._project.image(path)
        self.changed.emit()

    def _sort(self) -> tuple[list[ProjectImage], list[ProjectImage], list[ProjectImage]]:
        if self._sorted is None or self._sorted[0] is not self.all:
            left_out = [image for image in self.all if image.left_out]
            used = [image for image in self.all if not image.left_out] if left_out else self.all
            self._sorted = (self.all, used, left_out)
        return self._sorted

    def _start(self) -> bool:
        """Begin to read.

        Returns:
            Whether all were read at once.
        """
        self._partly_read = ([], {})
        if self._read_batch():
            self._timer.stop()
            return True
        self._timer.start()
        return False

    @Slot()
    def _read_more(self) -> None:
        if self._partly_read is None:  # the last batch was read before; what follows `changed` takes its time
            self._timer.stop()
            self.changed.emit()
            return
        deadline = time.monotonic() + READING_SECONDS
        while not self._read_batch() and time.monotonic() < deadline:
            pass

    def _read_batch(self) -> bool:
        """Read the next batch.

        Returns:
            Whether it was the last one.
        """
        assert self._project is not None
        assert self._partly_read is not None
        images, positions = self._partly_read
        batch = self._project.images(
            after=images[-1].path if images else "", at_most=BATCH, with_left_out=True
        )
        positions.update((image.path, position) for position, image in enumerate(batch, start=len(images)))
        images += batch
        if len(batch) == BATCH:
            return False
        self.all, self._positions, self._partly_read = images, positions, None
        if len(images) > BATCH:
            # The garbage collector would go through all of these from time to time, and block the window.
            gc.freeze()
        return True
