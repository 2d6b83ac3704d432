"""A project on disk: which images, which labels, which split. A change is on disk when its call returns.

The images themselves stay where they are and are never changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlstudio.core.errors import UserError
from tlstudio.core.types import ImageRecord, ProblemFile, ScanReport, Split, SplitName
from tlstudio.project.migrations import migrate

FILE_NAME = "project.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectImage:
    """One image as the grid shows it.

    Attributes:
        record: Path, label, size.
        split: Where it is used, None while unlabelled or not yet divided.
        labelled_at: When a person labelled it in the app (ISO 8601, UTC); None when its folder did.
    """

    record: ImageRecord
    split: SplitName | None
    labelled_at: str | None


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

    def apply_scan(self, report: ScanReport) -> None:
        """Take over what a scan found.

        A label given by a person stays, and so does the split of known images. An image that is gone, or
        cannot be read now, leaves; when it comes back, its label and split do too.
        """
        with self._writing() as connection:
            everything = "SELECT * FROM absent UNION ALL SELECT * FROM images"
            known = {row["path"]: row for row in connection.execute(everything)}
            rows = [_row(record, known.get(record.path)) for record in report.records]
            gone = known.keys() - {record.path for record in report.records}
            connection.execute("DELETE FROM absent")
            connection.executemany(
                f"INSERT INTO absent VALUES ({', '.join('?' * 10)})", [tuple(known[path]) for path in gone]
            )
            connection.execute("DELETE FROM images")
            connection.executemany(f"INSERT INTO images VALUES ({', '.join('?' * 10)})", rows)
            connection.execute("DELETE FROM problems")
            connection.executemany(
                "INSERT INTO problems VALUES (?, ?, ?, ?)",
                [(problem.path, problem.code, problem.reason, problem.mend) for problem in report.problems],
            )
            for class_name in report.classes:
                _add_class(connection, class_name)

    def images(self) -> list[ProjectImage]:
        """All images, sorted by path."""
        return [_image(row) for row in self._connection.execute("SELECT * FROM images ORDER BY path")]

    def image(self, path: str) -> ProjectImage:
        """One image as it is now.

        Raises:
            KeyError: The project has no such image.
        """
        row = self._connection.execute("SELECT * FROM images WHERE path = ?", (path,)).fetchone()
        if row is None:
            raise KeyError(path)
        return _image(row)

    def records(self) -> list[ImageRecord]:
        """All images without their split, sorted by path."""
        return [image.record for image in self.images()]

    def problems(self) -> list[ProblemFile]:
        """Files that are not used, with reason and mend."""
        rows = self._connection.execute("SELECT * FROM problems ORDER BY path")
        return [ProblemFile(**dict(row)) for row in rows]

    def classes(self) -> list[str]:
        """Class names in their order."""
        rows = self._connection.execute("SELECT name FROM classes ORDER BY position")
        return [row["name"] for row in rows]

    def report(self) -> ScanReport:
        """The project as a scan report with the labels of now; classes without an image are left out."""
        records = self.records()
        used = {record.class_name for record in records}
        return ScanReport(
            root=str(self.images_root),
            records=tuple(records),
            problems=tuple(self.problems()),
            classes=tuple(name for name in self.classes() if name in used),
            empty_classes=tuple(name for name in self.classes() if name not in used),
        )

    def set_label(self, paths: Sequence[str], *, class_name: str | None) -> None:
        """Label images (None takes the label away); one step for `undo`. The class is made when new."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._writing() as connection:
            if class_name is not None:
                _add_class(connection, class_name)
            (step,) = connection.execute("SELECT COALESCE(MAX(step), 0) + 1 FROM history").fetchone()
            for path in paths:
                connection.execute(
                    "INSERT INTO history (step, path, old_class, old_labelled_at) "
                    "SELECT ?, path, class_name, labelled_at FROM images WHERE path = ?",
                    (step, path),
                )
                connection.execute(
                    "UPDATE images SET class_name = ?, labelled_at = ? WHERE path = ?",
                    (class_name, now, path),
                )

    def undo(self) -> list[str]:
        """Take the last labelling step back.

        Returns:
            The paths whose labels changed; empty when there is nothing to undo.
        """
        with self._writing() as connection:
            rows = connection.execute(
                "SELECT * FROM history WHERE step = (SELECT MAX(step) FROM history) ORDER BY id DESC"
            ).fetchall()
            for row in rows:
                for table in ("images", "absent"):
                    connection.execute(
                        f"UPDATE {table} SET class_name = ?, labelled_at = ? WHERE path = ?",
                        (row["old_class"], row["old_labelled_at"], row["path"]),
                    )
                connection.execute("DELETE FROM history WHERE id = ?", (row["id"],))
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
        settings = self._settings("split")
        if settings is None:
            return None
        rows = self._connection.execute("SELECT path, split FROM images WHERE split IS NOT NULL")
        return Split(
            assignment={row["path"]: row["split"] for row in rows},
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


def _row(record: ImageRecord, known: sqlite3.Row | None) -> tuple[object, ...]:
    by_person = known is not None and known["labelled_at"] is not None
    # A folder's class counts only when the folder says something new: renaming a class in the app stays.
    same_folder = known is not None and known["folder_class"] == record.class_name
    keep = known is not None and (by_person or same_folder)
    return (
        record.path,
        record.sha256,
        known["class_name"] if known is not None and keep else record.class_name,
        record.class_name,
        known["labelled_at"] if known is not None else None,
        record.group,
        record.width,
        record.height,
        json.dumps(record.notes),
        known["split"] if known is not None else None,
    )


def _image(row: sqlite3.Row) -> ProjectImage:
    return ProjectImage(record=_record(row), split=row["split"], labelled_at=row["labelled_at"])


def _record(row: sqlite3.Row) -> ImageRecord:
    return ImageRecord(
        path=row["path"],
        sha256=row["sha256"],
        class_name=row["class_name"],
        group=row["group_name"],
        width=row["width"],
        height=row["height"],
        notes=tuple(json.loads(row["notes"])),
    )
