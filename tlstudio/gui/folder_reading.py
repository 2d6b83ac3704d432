"""Reads the images' folder of the open project: all of it, or what is new; and adds files from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from tlstudio.core.wording import count
from tlstudio.gui.content_watch import ContentWatch
from tlstudio.gui.engine_client import Background, Job
from tlstudio.project.store import Project


class FolderReading(QObject):
    """Reads when the project is opened, when the folder changes, and when the person asks.

    Args:
        submit: Starts a job.
        background: Watches the folder.
        parent: Owns it.

    Signals:
        was_read: The project has the images of now.
        ended: Reading has ended, also by an error.
        said: A sentence for the status bar.
    """

    was_read = Signal()
    ended = Signal()
    said = Signal(str)

    def __init__(self, submit: Callable[..., Job], background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self.submit = submit
        self._project: Project | None = None
        self._is_training = False
        self._waits_for_training = False
        self._images_before: int | None = None
        self._is_asked = False
        self._reading: Job | None = None
        self.watch = ContentWatch(background, self)
        self.watch.changed.connect(self.read_new)

    def set_project(self, project: Project | None) -> None:
        """Read another project from now on; what is still being read of the last one is given up."""
        if self._reading is not None and self._reading.is_open:
            self._reading.command("cancel")
        self._project, self._reading = project, None
        self._waits_for_training = self._is_asked = False
        self._images_before = None
        self.watch.set_root(str(project.images_root) if project is not None else "")

    @property
    def is_reading(self) -> bool:
        """True while the folder is being read, or is about to be for the first time."""
        return self._project is not None and (self._reading is None or self._reading.is_open)

    def set_training(self, is_training: bool) -> None:
        """Hold reading back while a training runs, because the engine would be busy; read at its end."""
        self._is_training = is_training
        if not is_training and self._waits_for_training:
            self.read_new()

    def read_all(self, *, anew: bool) -> Job:
        """Read every file; labels set by the person stay.

        Args:
            anew: Whether the folders are understood otherwise now, so that the images are divided anew.
        """
        self._images_before = None
        return self._read(anew=anew)

    @Slot()
    def read_new(self) -> None:
        """Read what is new or looks different, and notice what is gone."""
        if self._is_training:
            self._waits_for_training = True
            self.said.emit("Files of this project came or went; they are read when the training ends.")
        elif self._project is not None:
            self._images_before = self._project.images_count()
            self._read(only_new=True)

    @Slot()
    def look_again(self) -> None:
        """Read what is new because the person asked, who is told also when there is nothing."""
        self._is_asked = True
        self.read_new()

    def add(self, paths: Sequence[Path], *, class_name: str | None) -> Job:
        """Add images, folders and zip files, all with this label or with those of their folders."""
        assert self._project is not None
        job = self.submit(
            "add-images",
            project=str(self._project.folder),
            paths=[str(path) for path in paths],
            class_name=class_name,
        )
        job.succeeded.connect(self.read_new)
        return job

    def _read(self, **how: bool) -> Job:
        assert self._project is not None
        self._waits_for_training = False
        self.watch.reading_begins()
        job = self.submit("scan-project", project=str(self._project.folder), **how)
        job.succeeded.connect(self._done)
        job.ended.connect(self.ended)
        self._reading = job
        return job

    @Slot(dict)
    def _done(self, result: dict[str, Any]) -> None:
        self.was_read.emit()
        if self._images_before is None:
            return
        more = int(result["images"]) - self._images_before
        kind = "more" if more > 0 else "fewer"
        if more:
            images = count(abs(more), f"{kind} image")
            self.said.emit(f"{images} in the project.")
        elif self._is_asked:
            self.said.emit("There is nothing new in the folder.")
        self._images_before, self._is_asked = None, False
