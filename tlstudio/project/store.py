"""A project on disk: images, labels, split and draft recipe. A change is on disk when its call returns.

The image files themselves stay where they are and are never changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlstudio.core.dataset import DEFAULT_COLUMN, DataNote, Dataset, LabelColumn, Source
from tlstudio.core.errors import UserError
from tlstudio.core.known_file import KnownFile
from tlstudio.core.types import ProblemFile, Split
from tlstudio.project import labels
from tlstudio.project.commands import PersonCommands
from tlstudio.project.connection import connect, reading, writing
from tlstudio.project.image_rows import (
    NOT_LEFT_OUT,
    SIDES,
    ProjectImage,
    read_image,
    read_images,
    read_known_files,
    save_scanned_images,
)
from tlstudio.project.run_notes import Notes, RunNote, notes_values, read_notes

__all__ = ["FILE_NAME", "Project", "ProjectImage"]

FILE_NAME = "project.sqlite"
ANSWERED = "You said that this is right; “Look again” on the Data page asks once more."


class Project(PersonCommands):
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

    @property
    def images_folder(self) -> Path:
        """Folder for images that are copied into the project, as from the clipboard or a zip."""
        return self.folder / "images"

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

    def save_stamps(self, stamps: Mapping[str, str]) -> None:
        """Save what files looked like when they were read, by path; see `KnownFile`."""
        with self._writing() as connection:
            connection.executemany(
                "UPDATE images SET stamp = ? WHERE path = ?",
                ((stamp, path) for path, stamp in stamps.items()),
            )

    def near_found_for(self) -> str | None:
        """Read what identifies the images among which near-duplicates were found; None before."""
        found: str | None = (self._settings("near") or {}).get("found_for")
        return found

    def save_near(self, near: Mapping[str, str], *, found_for: str | None) -> None:
        """Save the clusters of near-duplicates in place of those before.

        Args:
            near: Name of its cluster by the path of each image that has a near-duplicate.
            found_for: Identifies the images among which they were found; None where some were not looked at.
        """
        with self._writing() as connection:
            connection.execute("UPDATE images SET near = NULL WHERE near IS NOT NULL")
            connection.executemany(
                "UPDATE images SET near = ? WHERE path = ?", ((name, path) for path, name in near.items())
            )
            values = json.dumps({"found_for": found_for})
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('near', ?)", (values,))

    def known_files(self) -> dict[str, KnownFile]:
        """Read the facts about the files of the last scan, by path; without those that must be read again."""
        return read_known_files(self._connection)

    def images(
        self, *, after: str = "", at_most: int = -1, with_left_out: bool = False
    ) -> list[ProjectImage]:
        """Images sorted by path, without those that are left out unless `with_left_out`.

        Args:
            after: Only those whose path comes after this one.
            at_most: How many; -1 for all.
            with_left_out: Whether those that the person left out are among them.
        """
        with reading(self._connection) as connection:
            return list(read_images(connection, after=after, at_most=at_most, with_left_out=with_left_out))

    def images_count(self) -> int:
        """The number of images, without those that are left out."""
        query = f"SELECT COUNT(*) FROM images WHERE present {NOT_LEFT_OUT}"
        (count,) = self._connection.execute(query).fetchone()
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
        """Read the notes of the last scan about folders and tables."""
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
            notes=self._answered_notes(),
        )

    def _answered_notes(self) -> tuple[DataNote, ...]:
        """The notes of the last scan; those that the person answered offer nothing else."""
        answered = self.answered()
        return tuple(
            replace(note, mend=ANSWERED, choices=()) if note.choices and note.code in answered else note
            for note in self.scan_notes()
        )

    def class_colours(self, column: str = DEFAULT_COLUMN) -> dict[str, str]:
        """The colours (`#rrggbb`) that the person chose, by class."""
        return labels.class_colours(self._connection, column=column)

    # Split, draft, trainings

    def split(self) -> Split | None:
        """The saved split, None before there is one."""
        settings = self.split_settings()
        if settings is None:
            return None
        rows = self._connection.execute(
            f"SELECT path, split FROM images WHERE present AND split IS NOT NULL {NOT_LEFT_OUT}"
        )
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
        """Save a split; images that are not in it have none. Those that are left out keep theirs."""
        with self._writing() as connection:
            connection.execute(f"UPDATE images SET split = NULL WHERE present {NOT_LEFT_OUT}")
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
        self._save_answers(self.answered() | {code})

    def forget_answers(self) -> None:
        """Ask about the folders anew."""
        self._save_answers(frozenset())

    def _save_answers(self, codes: frozenset[str]) -> None:
        with self._writing() as connection:
            answers = json.dumps({"codes": sorted(codes)})
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('answers', ?)", (answers,))

    def draft(self) -> Mapping[str, Any]:
        """The recipe that the person is putting together; empty before the first choice."""
        return self._settings("draft") or {}

    def save_draft(self, recipe: Mapping[str, Any]) -> None:
        """Save the recipe that the person is putting together."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('draft', ?)", (json.dumps(dict(recipe)),))

    def note_training(self, run: str) -> None:
        """Note that a run reads images and labels now.

        Args:
            run: Name of its folder.
        """
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO trainings VALUES (?, ?)", (run, now))

    def training_time(self, run: str) -> datetime | None:
        """Look up when a run read images and labels; None when that was not noted."""
        row = self._connection.execute("SELECT at FROM trainings WHERE run = ?", (run,)).fetchone()
        return datetime.fromisoformat(row["at"]) if row else None

    def run_notes(self) -> Notes:
        """Read what the person noted about runs."""
        return read_notes(self._settings("run_notes") or {})

    def save_run_note(self, run: str, note: RunNote) -> None:
        """Save what the person notes about a run; an empty note takes it away.

        Args:
            run: Name of its folder.
            note: In place of the one before.
        """
        with self._writing() as connection:
            values = json.dumps(notes_values({**self.run_notes(), run: note}))
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('run_notes', ?)", (values,))

    def _settings(self, key: str) -> dict[str, Any] | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return json.loads(row["value"]) if row else None

    def _meta(self, key: str) -> str:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row["value"])
