"""A project on disk: images, labels, split and draft recipe. A change is on disk when its call returns.

The image files themselves stay where they are and are never changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlstudio.core.dataset import DEFAULT_COLUMN, DataNote, Dataset, LabelColumn, Source
from tlstudio.core.errors import UserError
from tlstudio.core.types import ProblemFile, Split
from tlstudio.project import labels
from tlstudio.project.connection import connect, reading, writing
from tlstudio.project.image_rows import SIDES, ProjectImage, read_image, read_images, save_scanned_images

__all__ = ["FILE_NAME", "Project", "ProjectImage"]

FILE_NAME = "project.sqlite"


class Project:
    """An open project. Use it from one thread; several processes may have the same project open.

    Args:
        folder: Folder of the project; it holds `project.sqlite` and `runs/`.

    Raises:
        UserError: There is no project, it is damaged, or of a newer version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        file = self.folder / FILE_NAME
        if not file.exists():
            raise UserError(
                f"There is no project in {folder}.",
                mend="Choose a folder made by tlstudio, or drop your images.",
            )
        self._connection = connect(file)

    @classmethod
    def create(cls, folder: Path, *, name: str, images_root: Path) -> Project:
        """Make a new, empty project.

        Args:
            folder: Must not hold a project yet.
            name: Shown to the person.
            images_root: The folder of images; it is only ever read.
        """
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / FILE_NAME
        if file.exists():
            raise UserError(f"There is already a project in {folder}.", mend="Open it instead.")
        connection = connect(file)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with writing(connection, folder=folder):
            connection.executemany("INSERT INTO meta VALUES (?, ?)", {"name": name, "created": now}.items())
            source = Source(root=images_root.resolve())
            values = (source.id, str(source.root), source.role)
            connection.execute("INSERT INTO sources VALUES (?, ?, ?)", values)
        connection.close()
        return cls(folder)

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Name shown to the person."""
        return self._meta("name")

    def rename(self, name: str) -> None:
        """Change the name shown to the person; the folder keeps its name.

        Raises:
            UserError: The name is empty.
        """
        if not name.strip():
            raise UserError("A project needs a name.", mend="Type a name.")
        with self._writing() as connection:
            connection.execute("UPDATE meta SET value = ? WHERE key = 'name'", (name.strip(),))

    @property
    def images_root(self) -> Path:
        """The folder of images."""
        return self.sources()[0].root

    def sources(self) -> list[Source]:
        """The folders of images; the one that the project's images lie in comes first."""
        rows = self._connection.execute("SELECT id, root, role FROM sources ORDER BY rowid")
        return [Source(id=id_, root=Path(root), role=role) for id_, root, role in rows]

    @property
    def runs_folder(self) -> Path:
        """Folder of the runs, one subfolder each."""
        return self.folder / "runs"

    def move_images_root(self, root: Path) -> None:
        """Set a new folder of images, after the person has moved them."""
        with self._writing() as connection:
            connection.execute("UPDATE sources SET root = ? WHERE role = 'labelled'", (str(root.resolve()),))

    def apply_scan(self, scanned: Dataset, *, forget_classes: bool = False) -> None:
        """Save the result of a scan.

        Labels given by a person and the split of known images stay. A missing or unreadable image
        leaves the project; when it comes back, it has its label and split again.

        Args:
            scanned: The images as found now.
            forget_classes: Remove classes that only folders gave and that no image has any more.
        """
        with self._writing() as connection:
            before = labels.folder_classes(connection) if forget_classes else set()
            save_scanned_images(connection, scanned)
            labels.save_scanned_labels(connection, scanned)
            labels.remove_unused(connection, before)
            connection.execute("DELETE FROM problems")
            connection.executemany(
                "INSERT INTO problems VALUES (?, ?, ?, ?)",
                ((problem.path, problem.code, problem.reason, problem.mend) for problem in scanned.problems),
            )
            found = {
                "hidden_files": scanned.hidden_files,
                "notes": [asdict(note) for note in scanned.notes],
            }
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('scan', ?)", (json.dumps(found),))

    def images(self, *, after: str = "", at_most: int = -1) -> list[ProjectImage]:
        """Images sorted by path: all, or at most `at_most` of those that come after the path `after`."""
        with reading(self._connection) as connection:
            return list(read_images(connection, after=after, at_most=at_most))

    def images_count(self) -> int:
        """The number of images."""
        (count,) = self._connection.execute("SELECT COUNT(*) FROM images WHERE present").fetchone()
        return int(count)

    def image(self, path: str) -> ProjectImage:
        """One image with its current labels.

        Raises:
            KeyError: The project has no such image.
        """
        with reading(self._connection) as connection:
            image = read_image(connection, path)
        if image is None:
            raise KeyError(path)
        return image

    def problems(self) -> list[ProblemFile]:
        """Files that are not used, with reason and mend."""
        rows = self._connection.execute("SELECT * FROM problems ORDER BY path")
        return [ProblemFile(**dict(row)) for row in rows]

    def problems_count(self) -> int:
        """The number of files that are not used."""
        (count,) = self._connection.execute("SELECT COUNT(*) FROM problems").fetchone()
        return int(count)

    def classes(self, column: str = DEFAULT_COLUMN) -> list[str]:
        """Class names of a column in their order."""
        return labels.classes(self._connection, column=column)

    def scan_notes(self) -> tuple[DataNote, ...]:
        """What the last scan made of folders and tables."""
        return tuple(
            DataNote(**{**note, "paths": tuple(note["paths"]), "choices": tuple(note["choices"])})
            for note in (self._settings("scan") or {}).get("notes", ())
        )

    def dataset(self) -> Dataset:
        """The images with their labels of now; classes without an image are among `empty_classes`."""
        images = self.images()
        columns, empty = [], []
        for column in labels.columns(self._connection) or [LabelColumn()]:
            used = {image.label(column.name) for image in images}
            columns.append(replace(column, classes=tuple(name for name in column.classes if name in used)))
            empty += [name for name in column.classes if name not in used]
        return Dataset(
            sources=tuple(self.sources()),
            columns=tuple(columns),
            images=tuple(images),
            problems=tuple(self.problems()),
            empty_classes=tuple(empty),
            hidden_files=(self._settings("scan") or {}).get("hidden_files", 0),
            notes=self.scan_notes(),
        )

    def set_label(
        self, paths: Sequence[str], *, class_name: str | None, column: str = DEFAULT_COLUMN
    ) -> None:
        """Label images, or remove their label (None); one step for `undo`. A new class is added."""
        with self._writing() as connection:
            labels.set_label(connection, paths, class_name=class_name, column=column)

    def undo(self) -> list[str]:
        """Undo the last call of `set_label`.

        Returns:
            The paths whose labels changed; empty when there is nothing to undo.
        """
        with self._writing() as connection:
            return labels.undo(connection)

    def add_class(self, name: str, *, column: str = DEFAULT_COLUMN) -> None:
        """Add a class; does nothing when it exists.

        Raises:
            UserError: The name is empty.
        """
        name = _class_name(name)
        with self._writing() as connection:
            labels.add_column(connection, LabelColumn(name=column))
            labels.add_class(connection, name, column=column)

    def rename_class(self, old: str, *, new: str, column: str = DEFAULT_COLUMN) -> None:
        """Rename a class; when the new name exists already, the two classes are merged.

        Raises:
            UserError: The name is empty.
        """
        new = _class_name(new)
        with self._writing() as connection:
            labels.rename_class(connection, old, new=new, column=column)

    def split(self) -> Split | None:
        """The saved split, None before there is one."""
        settings = self.split_settings()
        if settings is None:
            return None
        rows = self._connection.execute("SELECT path, split FROM images WHERE present AND split IS NOT NULL")
        return replace(settings, assignment={path: SIDES[side] for path, side in rows})

    def split_settings(self) -> Split | None:
        """The saved split without its assignment, which may hold many thousand images."""
        settings = self._settings("split")
        if settings is None:
            return None
        return Split(
            assignment={},
            seed=settings["seed"],
            validation_fraction=settings["validation_fraction"],
            test_fraction=settings["test_fraction"],
            notes=tuple(settings["notes"]),
        )

    def save_split(self, split: Split) -> None:
        """Save a split; images that are not in it have none."""
        with self._writing() as connection:
            connection.execute("UPDATE images SET split = NULL WHERE present")
            connection.executemany(
                "UPDATE images SET split = ? WHERE path = ?",
                [(side, path) for path, side in split.assignment.items()],
            )
            settings = {
                "seed": split.seed,
                "validation_fraction": split.validation_fraction,
                "test_fraction": split.test_fraction,
                "notes": list(split.notes),
            }
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('split', ?)", (json.dumps(settings),))

    def answered(self) -> frozenset[str]:
        """Codes of the notes about folders that the person has answered."""
        return frozenset((self._settings("answers") or {}).get("codes", ()))

    def save_answer(self, code: str) -> None:
        """Remember that the person has answered a note about folders."""
        with self._writing() as connection:
            answers = json.dumps({"codes": sorted(self.answered() | {code})})
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('answers', ?)", (answers,))

    def draft(self) -> Mapping[str, Any]:
        """The recipe that the person is putting together; empty before the first choice."""
        return self._settings("draft") or {}

    def save_draft(self, recipe: Mapping[str, Any]) -> None:
        """Save the recipe that the person is putting together."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('draft', ?)", (json.dumps(dict(recipe)),))

    def _settings(self, key: str) -> dict[str, Any] | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return json.loads(row["value"]) if row else None

    def _meta(self, key: str) -> str:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row["value"])

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        return writing(self._connection, folder=self.folder)


def _class_name(text: str) -> str:
    if not text.strip():
        raise UserError("A class needs a name.", mend="Type a name.")
    return text.strip()
