"""A project on disk: which images, which labels, which split. A change is on disk when its call returns.

The images themselves stay where they are and are never changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlstudio.core.dataset import Dataset
from tlstudio.core.errors import UserError
from tlstudio.core.types import ProblemFile, Split
from tlstudio.project.image_rows import SIDES, ProjectImage, image_of, row_of
from tlstudio.project.migrations import migrate

__all__ = ["FILE_NAME", "Project", "ProjectImage"]

FILE_NAME = "project.sqlite"


class Project:
    """An open project. Use it from one thread; several processes may have the same project open.

    Args:
        folder: Folder of the project, holding `project.sqlite` and `runs/`.

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
        self._connection = _connect(file)

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
        connection = _connect(file)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        values = {"name": name, "images_root": str(images_root.resolve()), "created": now}
        with connection:
            connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())
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
        """As shown to the person."""
        return self._meta("name")

    @property
    def images_root(self) -> Path:
        """The folder of images."""
        return Path(self._meta("images_root"))

    @property
    def runs_folder(self) -> Path:
        """Where runs lie, one folder each."""
        return self.folder / "runs"

    def move_images_root(self, root: Path) -> None:
        """The person moved the images: point the project at their new place."""
        with self._writing() as connection:
            connection.execute("UPDATE meta SET value = ? WHERE key = 'images_root'", (str(root.resolve()),))

    def apply_scan(self, scanned: Dataset) -> None:
        """Take over what a scan found.

        A label given by a person stays, and so does the split of known images. An image that is gone, or
        cannot be read now, leaves; when it comes back, its label and split do too.
        """
        with self._writing() as connection:
            # Row by row through a second table: the rows of many thousand images are never all in memory.
            connection.execute(
                "CREATE TEMP TABLE known AS SELECT * FROM absent UNION ALL SELECT * FROM images"
            )
            connection.execute("CREATE INDEX temp.known_path ON known (path)")
            connection.execute("DELETE FROM images")
            connection.executemany(
                f"INSERT INTO images VALUES ({', '.join('?' * 10)})",
                (row_of(image, known=_known(connection, image.path)) for image in scanned.images),
            )
            connection.execute("DELETE FROM absent")
            connection.execute(
                "INSERT INTO absent SELECT * FROM known WHERE path NOT IN (SELECT path FROM images)"
            )
            connection.execute("DROP TABLE known")
            connection.execute("DELETE FROM problems")
            connection.executemany(
                "INSERT INTO problems VALUES (?, ?, ?, ?)",
                ((problem.path, problem.code, problem.reason, problem.mend) for problem in scanned.problems),
            )
            for class_name in scanned.classes:
                _add_class(connection, class_name)

    def images(self, *, after: str = "", at_most: int = -1) -> list[ProjectImage]:
        """Images sorted by path; all of them, or so many of those that come after a path."""
        query = "SELECT * FROM images WHERE path > ? ORDER BY path LIMIT ?"
        return [image_of(row) for row in self._connection.execute(query, (after, at_most))]

    def images_count(self) -> int:
        """How many images there are."""
        (count,) = self._connection.execute("SELECT COUNT(*) FROM images").fetchone()
        return int(count)

    def image(self, path: str) -> ProjectImage:
        """One image as it is now.

        Raises:
            KeyError: The project has no such image.
        """
        row = self._connection.execute("SELECT * FROM images WHERE path = ?", (path,)).fetchone()
        if row is None:
            raise KeyError(path)
        return image_of(row)

    def problems(self) -> list[ProblemFile]:
        """Files that are not used, with reason and mend."""
        rows = self._connection.execute("SELECT * FROM problems ORDER BY path")
        return [ProblemFile(**dict(row)) for row in rows]

    def problems_count(self) -> int:
        """How many files are not used."""
        (count,) = self._connection.execute("SELECT COUNT(*) FROM problems").fetchone()
        return int(count)

    def classes(self) -> list[str]:
        """Class names in their order."""
        rows = self._connection.execute("SELECT name FROM classes ORDER BY position")
        return [row["name"] for row in rows]

    def dataset(self) -> Dataset:
        """The images with their labels of now; classes without an image are among `empty_classes`."""
        images = self.images()
        used = {image.label() for image in images}
        classes = self.classes()
        return Dataset.of_folder(
            self.images_root,
            images=images,
            problems=self.problems(),
            classes=(name for name in classes if name in used),
            empty_classes=(name for name in classes if name not in used),
        )

    def set_label(self, paths: Sequence[str], *, class_name: str | None) -> None:
        """Label images (None takes the label away); one step for `undo`. The class is made when new."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._writing() as connection:
            if class_name is not None:
                _add_class(connection, class_name)
            connection.execute("CREATE TEMP TABLE asked (path TEXT PRIMARY KEY) WITHOUT ROWID")
            connection.executemany("INSERT OR IGNORE INTO asked VALUES (?)", ((path,) for path in paths))
            connection.execute(
                "INSERT INTO history (step, path, old_class, old_labelled_at) "
                "SELECT ?, path, class_name, labelled_at FROM images WHERE path IN asked",
                (_last_step(connection) + 1,),
            )
            connection.execute(
                "UPDATE images SET class_name = ?, labelled_at = ? WHERE path IN asked", (class_name, now)
            )
            connection.execute("DROP TABLE asked")

    def undo(self) -> list[str]:
        """Take the last labelling step back.

        Returns:
            The paths whose labels changed; empty when there is nothing to undo.
        """
        with self._writing() as connection:
            step = (_last_step(connection),)
            rows = connection.execute("SELECT path FROM history WHERE step = ?", step).fetchall()
            connection.execute("CREATE TEMP TABLE was (path TEXT PRIMARY KEY, class_name, labelled_at)")
            connection.execute(
                "INSERT INTO was SELECT path, old_class, old_labelled_at FROM history WHERE step = ?", step
            )
            for table in ("images", "absent"):
                connection.execute(
                    f"UPDATE {table} SET (class_name, labelled_at) = "
                    f"(SELECT class_name, labelled_at FROM was WHERE was.path = {table}.path) "
                    "WHERE path IN (SELECT path FROM was)"
                )
            connection.execute("DROP TABLE was")
            connection.execute("DELETE FROM history WHERE step = ?", step)
        return [row["path"] for row in rows]

    def add_class(self, name: str) -> None:
        """Add a class; nothing happens when it is there.

        Raises:
            UserError: The name is empty.
        """
        if not name.strip():
            raise UserError("A class needs a name.", mend="Type a name.")
        with self._writing() as connection:
            _add_class(connection, name.strip())

    def rename_class(self, old: str, *, new: str) -> None:
        """Give a class another name; when that name is taken, the two become one."""
        if not new.strip():
            raise UserError("A class needs a name.", mend="Type a name.")
        with self._writing() as connection:
            names = [row["name"] for row in connection.execute("SELECT name FROM classes")]
            for table in ("images", "absent"):
                connection.execute(
                    f"UPDATE {table} SET class_name = ? WHERE class_name = ?", (new.strip(), old)
                )
            connection.execute("UPDATE history SET old_class = ? WHERE old_class = ?", (new.strip(), old))
            if new.strip() in names and new.strip() != old:
                connection.execute("DELETE FROM classes WHERE name = ?", (old,))
            else:
                connection.execute("UPDATE classes SET name = ? WHERE name = ?", (new.strip(), old))

    def split(self) -> Split | None:
        """The saved split, None before the first."""
        settings = self.split_settings()
        if settings is None:
            return None
        rows = self._connection.execute("SELECT path, split FROM images WHERE split IS NOT NULL")
        return replace(settings, assignment={path: SIDES[side] for path, side in rows})

    def split_settings(self) -> Split | None:
        """The saved split without its images, of which there may be many thousand."""
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
        """Keep a split; images it does not name have none."""
        with self._writing() as connection:
            connection.execute("UPDATE images SET split = NULL")
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

    def draft(self) -> Mapping[str, Any]:
        """The recipe the person is putting together; empty before the first choice."""
        return self._settings("draft") or {}

    def save_draft(self, recipe: Mapping[str, Any]) -> None:
        """Keep the recipe the person is putting together."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('draft', ?)", (json.dumps(dict(recipe)),))

    def _settings(self, key: str) -> dict[str, Any] | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return json.loads(row["value"]) if row else None

    def _meta(self, key: str) -> str:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row["value"])

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection
            self._connection.commit()
        except BaseException as error:
            if self._connection.in_transaction:
                self._connection.rollback()
            if isinstance(error, sqlite3.OperationalError):  # a full disk, a drive that is gone, a long lock
                raise UserError(
                    f"The project {self.folder} could not be saved ({error}).",
                    work="The last change was not made; everything before it is kept.",
                    mend="Free some space on the disk, check the drive, then try again.",
                ) from error
            raise


def _connect(file: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(file, isolation_level=None, timeout=10)
        connection.row_factory = sqlite3.Row
        # FULL: a label survives a power cut, not only a crash.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection)
    except sqlite3.OperationalError as error:
        raise UserError(
            f"The project {file.parent} cannot be opened ({error}).",
            mend="Check that the folder can be written and that the disk is not full.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise UserError(
            f"The project file {file} is damaged ({error}).",
            mend="Restore a backup, or drop the image folder again; your images are untouched.",
        ) from error
    return connection


def _add_class(connection: sqlite3.Connection, name: str) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO classes SELECT ?, COALESCE(MAX(position), -1) + 1 FROM classes", (name,)
    )


def _last_step(connection: sqlite3.Connection) -> int:
    # Steps rise with the ids, so that the last row tells: no look at thousands of earlier labels.
    row = connection.execute("SELECT step FROM history ORDER BY id DESC LIMIT 1").fetchone()
    return int(row["step"]) if row else 0


def _known(connection: sqlite3.Connection, path: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute("SELECT * FROM known WHERE path = ?", (path,)).fetchone()
    return row
