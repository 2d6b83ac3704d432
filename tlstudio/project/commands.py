"""A person's commands to a project: label, leave out, add, change classes; each is one step for `undo`.

A change is on disk when its call returns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tlstudio.core.dataset import DEFAULT_COLUMN, LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.wording import count
from tlstudio.project import journal, labels
from tlstudio.project.connection import writing
from tlstudio.project.image_rows import present_paths
from tlstudio.project.journal import Step, recorded_step


class PersonCommands:
    """The part of an open project that changes it by a person's command.

    Attributes:
        folder: Folder of the project.
    """

    folder: Path
    _connection: sqlite3.Connection

    def set_label(
        self, paths: Sequence[str], *, class_name: str | None, column: str = DEFAULT_COLUMN
    ) -> None:
        """Label images, or remove their label (None). A new class is added; unknown paths are passed over.

        Without any image nothing is done, so that undoing takes back the step before.
        """
        what = f"labelled {class_name}" if class_name is not None else "without a label"
        with self._writing() as connection:
            known = present_paths(connection, paths)
            if not known:
                return
            with recorded_step(connection, f"{_images(known)} {what}"):
                labels.set_label(connection, known, class_name=class_name, column=column)

    def call_right(self, paths: Sequence[str], *, column: str = DEFAULT_COLUMN) -> None:
        """Note that the labels of these images are right; it holds for as long as they stay the same."""
        with self._writing() as connection:
            known = present_paths(connection, paths)
            with recorded_step(connection, f"the label of {_images(known)} called right"):
                labels.call_right(connection, known, column=column)

    def set_labels(self, class_names: Mapping[str, str], *, column: str = DEFAULT_COLUMN) -> None:
        """Label images, each with its own class, in one step; unknown paths are passed over.

        Args:
            class_names: By the path of the image.
            column: Of the labels.
        """
        with self._writing() as connection:
            known = present_paths(connection, list(class_names))
            if not known:
                return
            with recorded_step(connection, f"{_images(known)} labelled"):
                for name in dict.fromkeys(class_names.values()):
                    of_class = [path for path in known if class_names[path] == name]
                    labels.set_label(connection, of_class, class_name=name, column=column)

    def leave_out(self, paths: Sequence[str]) -> None:
        """Leave images out: they stay in the project, with label and split, and are used for nothing."""
        with self._writing() as connection:
            known = present_paths(connection, paths)
            with recorded_step(connection, f"{_images(known)} left out"):
                connection.executemany(
                    "INSERT INTO left_out VALUES (?) ON CONFLICT DO NOTHING", ((path,) for path in known)
                )

    def bring_back(self, paths: Sequence[str]) -> None:
        """Use images again that were left out."""
        chosen = list(dict.fromkeys(paths))
        with self._writing() as connection, recorded_step(connection, f"{_images(chosen)} brought back"):
            connection.executemany("DELETE FROM left_out WHERE path = ?", ((path,) for path in chosen))

    def add_files(
        self, files: Sequence[Path], *, class_names: Mapping[str, str], column: str = DEFAULT_COLUMN
    ) -> None:
        """Add files that lie anywhere; the next scan reads them. They are never changed or moved.

        Args:
            files: Absolute paths.
            class_names: Labels that a person gives with them, by path; images that the project has
                already may be among them.
            column: Of these labels.
        """
        by_class: dict[str, list[str]] = {}
        for path, class_name in class_names.items():
            by_class.setdefault(class_name, []).append(path)
        what = f"{_images(files)} added" if files else f"{_images(list(class_names))} labelled"
        with self._writing() as connection, recorded_step(connection, what):
            connection.executemany(
                "INSERT INTO added VALUES (?) ON CONFLICT DO NOTHING", ((file.as_posix(),) for file in files)
            )
            for class_name, paths in by_class.items():
                labels.set_label(connection, paths, class_name=class_name, column=column)

    def added_files(self) -> list[Path]:
        """The files added from anywhere, sorted; those that are missing now are among them."""
        rows = self._connection.execute("SELECT path FROM added ORDER BY path")
        return [Path(path) for (path,) in rows]

    def add_class(self, name: str, *, column: str = DEFAULT_COLUMN) -> None:
        """Add a class; does nothing when it exists.

        Raises:
            UserError: The name is empty.
        """
        name = _class_name(name)
        with self._writing() as connection, recorded_step(connection, f"the new class {name}"):
            labels.add_column(connection, LabelColumn(name=column))
            labels.add_class(connection, name, column=column)

    def rename_class(self, old: str, *, new: str, column: str = DEFAULT_COLUMN) -> None:
        """Rename a class; when the new name exists already, the two classes are merged.

        Raises:
            UserError: The name is empty.
        """
        new = _class_name(new)
        if new == old:
            return
        what = "merged with" if new in labels.classes(self._connection, column=column) else "renamed to"
        with self._writing() as connection, recorded_step(connection, f"the class {old} {what} {new}"):
            labels.rename_class(connection, old, new=new, column=column)

    def delete_class(self, name: str, *, column: str = DEFAULT_COLUMN) -> None:
        """Delete a class; its images stay and have no label then."""
        with self._writing() as connection, recorded_step(connection, f"the class {name} deleted"):
            labels.delete_class(connection, name, column=column)

    def set_class_colour(self, name: str, *, colour: str | None, column: str = DEFAULT_COLUMN) -> None:
        """Give a class a colour (`#rrggbb`); None gives back the one by its place."""
        with self._writing() as connection, recorded_step(connection, f"the colour of {name}"):
            labels.set_class_colour(connection, name, colour, column=column)

    def last_step(self) -> Step | None:
        """Return the step that `undo` would undo; None when there is none."""
        return journal.last_step(self._connection)

    def undo(self) -> list[str]:
        """Undo the last step.

        Returns:
            The paths of the images it concerned; empty when there is nothing to undo, or only classes
            changed.
        """
        with self._writing() as connection:
            paths = journal.undo(connection)
            labels.mend_classes(connection)
            return paths

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        return writing(self._connection, folder=self.folder)


def _images(paths: Sequence[object]) -> str:
    return count(len(paths), "image")


def _class_name(text: str) -> str:
    if not text.strip():
        raise UserError("A class needs a name.", mend="Type a name.")
    return text.strip()
