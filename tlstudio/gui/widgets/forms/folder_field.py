"""A place to drop a folder on, or to choose one from; it shows the chosen folder and its number of files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.wording import count
from tlstudio.data.sniff import sidecar_reason
from tlstudio.data.walk import walk_folder
from tlstudio.gui.engine_client import Background
from tlstudio.gui.number_text import grouped
from tlstudio.gui.theme import restyle
from tlstudio.gui.widgets.basics.buttons import link_button, quiet_button
from tlstudio.gui.widgets.basics.elided import ElidedLabel

NONE_CHOSEN = "Drop a folder here"


class FolderField(QFrame):
    """A drop zone for one folder.

    Args:
        title: What the folder is for; the title of the dialog and the accessible name.
        background: Counts the files of a chosen folder.
        optional: Whether a chosen folder can be taken away again.

    Signals:
        changed: The person gave another folder: its path; empty when it was taken away.
        problem_changed: `problem` changed.
    """

    changed = Signal(str)
    problem_changed = Signal()

    def __init__(
        self, title: str, *, background: Background, optional: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.problem = ""
        self._title, self._background = title, background
        self._folder = ""
        self.setProperty("dropzone", True)
        self.setAcceptDrops(True)
        self.setAccessibleName(f"{title}: drop a folder here")
        self.name = ElidedLabel(middle=True)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setProperty("small", True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.choose = quiet_button("Choose…", tip=f"{title}: choose a folder")
        self.choose.clicked.connect(self._ask)
        self.setFocusProxy(self.choose)
        self.remove = link_button("remove", tip=f"{title}: do without a folder")
        self.remove.clicked.connect(self._remove)
        self._is_optional = optional
        first = QHBoxLayout()
        first.addWidget(self.name)
        first.addStretch(1)
        first.addWidget(self.remove)
        first.addWidget(self.choose)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(10, 8, 10, 8)
        rows.setSpacing(4)
        rows.addLayout(first)
        rows.addWidget(self.status)
        background.done.connect(self._counted)
        self.set_value("")

    def value(self) -> str:
        """Path of the folder; empty while none was chosen."""
        return self._folder

    def set_value(self, folder: str) -> None:
        """Show a folder, without emitting `changed`."""
        self._folder = folder
        self.remove.setVisible(self._is_optional and bool(folder))
        self.name.setText(Path(folder).name or folder if folder else NONE_CHOSEN)
        self.name.setProperty("heading", bool(folder))
        restyle(self.name)
        self.setAccessibleDescription(folder)
        if folder and not Path(folder).is_dir():
            self._show("This folder is not there any more. Choose it again.", is_problem=True)
            return
        self._show(f"in {Path(folder).parent}" if folder else "", is_problem=False)
        if folder:
            self._background.submit(self._key(), lambda: _count_files(Path(folder)))

    def _key(self) -> tuple[str, int, str]:
        return "count files", id(self), self._folder

    @Slot(object, object)
    def _counted(self, key: object, result: object) -> None:
        if key != self._key():
            return
        if isinstance(result, UserError):
            self._show(" ".join(part for part in (result.what, result.mend) if part), is_problem=True)
        elif result == 0:
            self._show("This folder holds no images. Choose another one.", is_problem=True)
        elif isinstance(result, int):
            self._show(count(result, "file", digits=grouped), is_problem=False)

    def _show(self, status: str, *, is_problem: bool) -> None:
        self.status.setText(status)
        self.status.setVisible(bool(status))
        self.status.setProperty("muted", not is_problem)
        self.status.setProperty("problem", is_problem)
        restyle(self.status)
        problem = status if is_problem else ""
        if problem != self.problem:
            self.problem = problem
            self.problem_changed.emit()

    @Slot()
    def _ask(self) -> None:
        start = self._folder or str(Path.home())
        self._take(QFileDialog.getExistingDirectory(self, self._title, start))

    @Slot()
    def _remove(self) -> None:
        self.set_value("")
        self.changed.emit("")

    def _take(self, folder: str) -> None:
        if folder and folder != self._folder:
            self.set_value(folder)
            self.changed.emit(folder)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept one folder; leave anything else to the window."""
        if _dropped_folder(event):
            event.acceptProposedAction()
            self._set_active(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Stop highlighting the field."""
        self._set_active(False)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the dropped folder."""
        self._set_active(False)
        event.acceptProposedAction()
        self._take(_dropped_folder(event))

    def _set_active(self, is_active: bool) -> None:
        self.setProperty("active", is_active)
        restyle(self)


def _dropped_folder(event: QDropEvent) -> str:
    """Path of the one folder that a drag carries, else empty."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return str(paths[0]) if len(paths) == 1 and paths[0].is_dir() else ""


def _count_files(folder: Path) -> int:
    """Number of files that may be images, all sub-folders included.

    Raises:
        UserError: The folder cannot be read.
    """
    found = walk_folder(folder, control=Control())
    return sum(sidecar_reason(path) is None for path in found.files)
