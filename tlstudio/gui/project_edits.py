"""The person's edits of the open project: labels, classes, which images are used; and undoing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tlstudio.core.errors import UserError
from tlstudio.core.wording import count
from tlstudio.gui.class_looks import ClassLook, class_looks
from tlstudio.gui.project_images import ProjectImages
from tlstudio.project.store import Project

MOST_NAMED = 3


class ProjectEdits(QObject):
    """Changes the open project. A change is on disk when the call returns, and is one step for `undo`.

    Args:
        images: Of the project in memory; they follow each change.
        parent: Owns it.

    Signals:
        classes_changed: Classes or their colours changed, and no image with them.
        files_changed: Undo took files out of the project again, or put them back: the folder must be read.
        undone: The step was undone; the paths of the images that it concerned.
        said: A sentence for the status bar.
        saved: A change is on disk.
        failed: A `UserError` to show; nothing was changed.
    """

    classes_changed = Signal()
    files_changed = Signal()
    undone = Signal(object)
    said = Signal(str)
    saved = Signal()
    failed = Signal(object)

    def __init__(self, images: ProjectImages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._project: Project | None = None

    def set_project(self, project: Project | None) -> None:
        """Change another project from now on."""
        self._project = project

    def looks(self) -> tuple[ClassLook, ...]:
        """The classes of the project with colours and keys, in order."""
        if self._project is None:
            return ()
        return class_looks(self._project.classes(), colours=self._project.class_colours())

    def set_label(self, paths: Sequence[str], *, class_name: str | None) -> bool:
        """Label images; None takes their label away. Returns whether the change was saved."""
        return self._do(lambda project: project.set_label(paths, class_name=class_name), paths)

    def set_labels(self, class_names: Mapping[str, str]) -> bool:
        """Label images, each with its own class, by path. Returns whether the change was saved."""
        return self._do(lambda project: project.set_labels(class_names), list(class_names))

    def leave_out(self, paths: Sequence[str]) -> bool:
        """Leave images out, so that they are used for nothing."""
        is_saved = self._do(lambda project: project.leave_out(paths), paths)
        if is_saved:
            words = count(len(paths), "image is", plural="images are")
            self.said.emit(f"{words} left out: not used in checks and training. Undo with Ctrl+Z.")
        return is_saved

    def call_right(self, paths: Sequence[str]) -> bool:
        """Note that the labels of images are right, although other images speak against them."""
        is_saved = self._do(lambda project: project.call_right(paths), paths)
        if is_saved:
            words = count(len(paths), "label is", plural="labels are")
            self.said.emit(f"{words} noted as right, and not asked about again. Undo with Ctrl+Z.")
        return is_saved

    def bring_back(self, paths: Sequence[str]) -> bool:
        """Use images again that were left out."""
        is_saved = self._do(lambda project: project.bring_back(paths), paths)
        if is_saved:
            self.said.emit(f"{count(len(paths), 'image is', plural='images are')} used again.")
        return is_saved

    @Slot(str)
    def add_class(self, name: str) -> None:
        """Add an empty class; one that is there already is named as such."""
        if self._project is not None and name.strip() in self._project.classes():
            self.said.emit(f"There is a class {name.strip()} already.")
            return
        self._do(lambda project: project.add_class(name), ())

    @Slot(str, str)
    def rename_class(self, old: str, new: str) -> None:
        """Rename a class; a taken name merges the two."""
        self._do(lambda project: project.rename_class(old, new=new), None)

    @Slot(str)
    def delete_class(self, name: str) -> None:
        """Delete a class; its images have no label then."""
        if self._do(lambda project: project.delete_class(name), None):
            self.said.emit(f"The class {name} is deleted. Undo with Ctrl+Z.")

    @Slot(str, str)
    def set_colour(self, name: str, colour: str) -> None:
        """Give a class a colour, `#rrggbb`; empty gives back the usual one."""
        self._do(lambda project: project.set_class_colour(name, colour=colour or None), ())

    @Slot()
    def undo(self) -> None:
        """Undo the last step, and say what it was."""
        project = self._project
        if project is None:
            return
        step, paths = None, []
        try:
            step = project.last_step()
            paths = project.undo()
        except UserError as error:
            self.failed.emit(error)
            return
        if step is None:
            self.said.emit("There is nothing to undo.")
            return
        self.saved.emit()
        if step.adds_files:
            self.files_changed.emit()
        if paths:
            self._images.reload_some(paths)
        else:
            self._images.reload()
        self.said.emit(f"Undone: {step.words}{_named(paths)}.")
        self.undone.emit(paths)

    def _do(self, command: Callable[[Project], None], paths: Sequence[str] | None) -> bool:
        """Carry a command out.

        Args:
            command: Changes the project.
            paths: The images that it changes; None: it may be any.

        Returns:
            Whether it was carried out.
        """
        if self._project is None:
            return False
        try:
            command(self._project)
        except UserError as error:
            self.failed.emit(error)
            return False
        self.saved.emit()
        if paths is None:
            self._images.reload()
        elif paths:
            self._images.reload_some(paths)
        else:
            self.classes_changed.emit()
        return True


def _named(paths: Sequence[str]) -> str:
    if not 0 < len(paths) <= MOST_NAMED:
        return ""
    return f" ({', '.join(Path(path).name for path in paths)})"
