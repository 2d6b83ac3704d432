"""Images that come to the Data page: dropped, pasted, or chosen in a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QObject, QPoint, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QFileDialog, QWidget

from tlstudio.core.errors import UserError, from_os_error
from tlstudio.core.wording import count as counted
from tlstudio.gui.app_state import AppState
from tlstudio.gui.dropped import dropped_paths
from tlstudio.gui.kinds_of_path import is_opened_whole
from tlstudio.gui.widgets.lists.class_list import ClassList

STARTED = "%Y-%m-%d %H.%M.%S"


class Arrivals(QObject):
    """Adds images to the open project: files stay where they are, pasted pixels are saved in it.

    Args:
        page: Where things are dropped.
        app_state: State of the window.
        classes: Images that are dropped on one of its rows get that class.
    """

    def __init__(self, page: QWidget, app_state: AppState, classes: ClassList) -> None:
        super().__init__(page)
        self._page, self._app_state, self._classes = page, app_state, classes

    # Dropping; the page passes its events on

    def drag_entered(self, event: QDragEnterEvent) -> None:
        """Accept files, folders and pixels while a project is open; others go on to the window."""
        data = event.mimeData()
        if self._app_state.project is None or not _holds_images(data):
            event.ignore()
            return
        event.acceptProposedAction()
        self._app_state.status_message.emit(
            "Drop to add these images; on a class at the left they get its label."
        )

    def drag_moved(self, event: QDragMoveEvent) -> None:
        """Mark the class under the pointer."""
        self._classes.show_drop_on(self._class_at(event.position().toPoint()))
        event.acceptProposedAction()

    def drag_left(self, event: QDragLeaveEvent) -> None:
        """Unmark the class, because the drag has left the page."""
        self._classes.show_drop_on(None)
        self._app_state.status_message.emit("")
        event.accept()

    def dropped(self, event: QDropEvent) -> None:
        """Add what was dropped, with the label of the class it was dropped on."""
        class_name = self._class_at(event.position().toPoint())
        self._classes.show_drop_on(None)
        event.acceptProposedAction()
        self.take(event.mimeData(), class_name=class_name)

    def take(self, data: QMimeData, *, class_name: str | None) -> None:
        """Add the files, or else the pixels, of a drop or of the clipboard."""
        paths = dropped_paths(data)
        if paths:
            self.add(paths, class_name=class_name)
        elif data.hasImage():
            image = QImage(data.imageData())
            file = self._save(image)
            if file is not None:
                self.add([file], class_name=class_name)
        else:
            self._app_state.status_message.emit("There is no image in the clipboard.")

    def add(self, paths: Sequence[Path], *, class_name: str | None) -> None:
        """Add files, folders and zips."""
        job = self._app_state.folder.add(paths, class_name=class_name)
        job.setProperty("class", class_name)
        job.succeeded.connect(self._added)

    @Slot()
    def paste(self) -> None:
        """Add what the clipboard holds."""
        if self._app_state.project is not None:
            self.take(QGuiApplication.clipboard().mimeData(), class_name=None)

    @Slot()
    def choose(self) -> None:
        """Let the person choose files to add."""
        dialog = QFileDialog(self._page, "Add images")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot("QStringList")
    def _chosen(self, files: list[str]) -> None:
        self.add([Path(file) for file in files], class_name=None)

    @Slot(dict)
    def _added(self, result: dict[str, Any]) -> None:
        count, class_name = result["added"], self.sender().property("class")
        label = f" as {class_name}" if class_name else ""
        if count:
            images = counted(count, "file is", plural="files are")
            words = f"{images} added{label}. Undo with Ctrl+Z."
        elif result["labelled"]:
            words = f"These images were here already; they are labelled {class_name} now."
        else:
            words = "These images were here already."
        self._app_state.status_message.emit(words)

    def _class_at(self, place: QPoint) -> str | None:
        inside = self._classes.viewport().mapFrom(self._page, place)
        is_inside = self._classes.viewport().rect().contains(inside)
        return self._classes.class_at(inside) if is_inside else None

    def _save(self, image: QImage) -> Path | None:
        """Save pasted pixels in the project, under a new name."""
        project = self._app_state.project
        assert project is not None
        folder, name = project.images_folder / "pasted", f"{datetime.now():{STARTED}}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._app_state.show_error(from_os_error(error))
            return None
        file, number = folder / f"{name}.png", 1
        while file.exists():
            number += 1
            file = folder / f"{name} {number}.png"
        if image.isNull() or not image.save(str(file)):
            self._app_state.show_error(
                UserError(
                    "The pasted image could not be saved.",
                    work="Nothing was added.",
                    mend=f"Check that {folder} can be written and that the disk is not full.",
                )
            )
            return None
        return file


def _holds_images(data: QMimeData) -> bool:
    paths = dropped_paths(data)
    if len(paths) == 1 and is_opened_whole(paths[0]):
        return False
    return bool(paths) or data.hasImage()
