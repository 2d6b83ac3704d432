"""Project files of older versions open with everything that is in them, or stay as they were."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.errors import UserError
from tlstudio.project import migrations
from tlstudio.project.migrations import STEPS, backup_file
from tlstudio.project.store import Project

VERSION_2 = """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE classes (name TEXT PRIMARY KEY, position INTEGER NOT NULL);
    CREATE TABLE images (
        path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, class_name TEXT, folder_class TEXT, labelled_at TEXT,
        group_name TEXT, width INTEGER NOT NULL, height INTEGER NOT NULL, notes TEXT NOT NULL, split TEXT
    );
    CREATE TABLE problems (
        path TEXT PRIMARY KEY, code TEXT NOT NULL, reason TEXT NOT NULL, mend TEXT NOT NULL
    );
    CREATE TABLE history (
        id INTEGER PRIMARY KEY AUTOINCREMENT, step INTEGER NOT NULL, path TEXT NOT NULL,
        old_class TEXT, old_labelled_at TEXT
    );
    CREATE TABLE absent (
        path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, class_name TEXT, folder_class TEXT, labelled_at TEXT,
        group_name TEXT, width INTEGER NOT NULL, height INTEGER NOT NULL, notes TEXT NOT NULL, split TEXT
    );
    PRAGMA user_version = 2;
"""
THEN, LATER = "2026-01-01T10:00:00+00:00", "2026-01-02T10:00:00+00:00"
SPLIT = '{"seed": 3, "validation_fraction": 0.2, "test_fraction": 0.1, "notes": ["n"]}'

# path, class_name, folder_class, labelled_at, group, split
PRESENT = (
    ("a/1", "a", "a", None, None, "train"),
    ("a/2", "b", "a", THEN, None, "test"),  # relabelled by a person
    ("a/3", None, "a", LATER, None, None),  # its label was taken away, after another one was given
    ("b/1", "blue", "b", None, "g", "validation"),  # its class was renamed in the app
    ("loose", "a", None, THEN, None, "train"),
    ("new", None, None, None, None, None),
)
ABSENT = (("b/gone", "a", "b", THEN, None, "train"), ("a/gone", "a", "a", None, None, "test"))
HISTORY = (  # step, path, old_class, old_labelled_at
    (1, "a/2", "a", None),
    (1, "a/3", "a", None),
    (2, "loose", None, None),
    (3, "b/gone", "blue", None),
    (4, "a/3", "b", THEN),
)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of a project as version 2 left it."""
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "project.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(VERSION_2)
        meta = {
            "name": "Leaves",
            "images_root": str(tmp_path),
            "created": THEN,
            "split": SPLIT,
            "draft": "{}",
        }
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        connection.executemany("INSERT INTO classes VALUES (?, ?)", (("a", 0), ("blue", 1), ("b", 2)))
        for table, rows in (("images", PRESENT), ("absent", ABSENT)):
            for path, class_name, folder_class, at, group, split in rows:
                connection.execute(
                    f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, 4, 3, '[\"CMYK\"]', ?)",
                    (path, path.ljust(64, "0"), class_name, folder_class, at, group, split),
                )
        connection.execute("INSERT INTO problems VALUES ('x', 'c', 'r', 'm')")
        connection.executemany(
            "INSERT INTO history (step, path, old_class, old_labelled_at) VALUES (?, ?, ?, ?)", HISTORY
        )
        connection.commit()
    return folder


def scanned(root: Path, **classes: str | None) -> Dataset:
    images = [Image(path=path, sha256=path, labels=labels_of(name)) for path, name in classes.items()]
    return Dataset.of_folder(root, images=images, classes=[])


def labels(project: Project) -> dict[str, str | None]:
    return {image.path: image.label() for image in project.images()}


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]


def test_everything_in_a_file_of_version_2_is_there(old: Path, tmp_path: Path):
    with Project(old) as project:
        assert project.name == "Leaves"
        assert project.images_root == tmp_path
        assert project.classes() == ["a", "blue", "b"]
        assert project.images_count() == len(PRESENT)
        for image, row in zip(project.images(), sorted(PRESENT), strict=True):
            path, class_name, _, at, group, split = row
            assert (image.path, image.label(), image.labelled_at) == (path, class_name, at)
            assert (image.group, image.split, image.notes) == (group, split, ("CMYK",))
            assert (image.sha256, image.width, image.height) == (path.ljust(64, "0"), 4, 3)
            assert project.image(path) == image
        assert [problem.path for problem in project.problems()] == ["x"]
        split = project.split()
        assert split is not None
        assert split.assignment == {row[0]: row[5] for row in PRESENT if row[5]}
        assert (split.seed, split.notes) == (3, ("n",))
        assert project.dataset().classes == ("a", "blue", "b")


def test_folders_of_an_older_project_go_on_being_classes(old: Path, tmp_path: Path):
    with Project(old) as project:
        assert project.draft() == {"layout": "top"}
        assert all(image.given_split is None for image in project.images())
    with Project.create(tmp_path / "new", name="new", images_root=tmp_path) as project:
        assert project.draft() == {}


def test_the_history_of_version_2_can_be_undone(old: Path):
    with Project(old) as project:
        before = labels(project)
        project.set_label(["new"], class_name="b")
        assert project.undo() == ["new"]
        assert labels(project) == before
        assert project.undo() == ["a/3"]
        assert project.image("a/3").label() == "b"
        assert project.image("a/3").labelled_at == THEN
        assert project.undo() == ["b/gone"]
        assert project.undo() == ["loose"]
        assert sorted(project.undo()) == ["a/2", "a/3"]
        assert project.undo() == []
        assert labels(project) == {
            **{"a/1": "a", "a/2": "a", "a/3": "a", "b/1": "blue", "loose": None, "new": None}
        }
        assert all(image.labelled_at is None for image in project.images())


def test_a_scan_after_the_migration_keeps_what_version_2_would_have_kept(old: Path, tmp_path: Path):
    with Project(old) as project:
        found = {
            "a/1": "c",  # moved to another folder
            **{"a/2": "c", "a/3": "a", "b/1": "b", "b/gone": "b", "a/gone": "a", "loose": None},
        }
        project.apply_scan(scanned(tmp_path, **found))
        assert labels(project) == {
            **{"a/1": "c", "a/2": "b", "a/3": None, "b/1": "blue", "b/gone": "a", "a/gone": "a", "loose": "a"}
        }
        split = project.split()
        assert split is not None
        assert split.assignment["a/gone"] == "test"
        project.undo()
        project.undo()
        assert project.image("b/gone").label() == "blue"


def test_a_file_of_version_1_is_migrated(old: Path, tmp_path: Path):
    with closing(sqlite3.connect(old / "project.sqlite")) as connection:
        connection.executescript("DROP TABLE absent; PRAGMA user_version = 1;")
    with Project(old) as project:
        assert labels(project) == {row[0]: row[1] for row in PRESENT}
        project.apply_scan(scanned(tmp_path, new=None))
        project.apply_scan(scanned(tmp_path, **{"loose": None, "b/1": "b"}))
        assert labels(project) == {"b/1": "blue", "loose": "a"}
    assert backup_file(old / "project.sqlite", version=1).exists()


def test_a_copy_of_the_old_file_is_kept_once(old: Path):
    file = old / "project.sqlite"
    before = dump(file)
    with Project(old) as project:
        project.set_label(["new"], class_name="b")
    kept = old / "project.sqlite.v2-backup"
    assert dump(kept) == before
    stamp = kept.stat().st_mtime_ns
    Project(old).close()
    kept.with_name("again").write_bytes(kept.read_bytes())
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(UserError):  # already migrated: the step fails, and the copy is not written again
        Project(old)
    assert kept.stat().st_mtime_ns == stamp
    assert sorted(path.name for path in old.iterdir() if "backup" in path.name) == [kept.name]


def test_a_new_project_needs_no_copy(tmp_path: Path):
    Project.create(tmp_path / "p", name="x", images_root=tmp_path).close()
    assert not list((tmp_path / "p").glob("*backup*"))


def test_what_still_lies_in_the_write_ahead_log_is_copied_too(old: Path):
    file = old / "project.sqlite"
    with closing(sqlite3.connect(file)) as writer:  # open until the end: its changes stay in the log
        writer.execute("UPDATE images SET class_name = 'b' WHERE path = 'a/1'")
        writer.commit()
        with Project(old) as project:
            assert project.image("a/1").label() == "b"
    with closing(sqlite3.connect(backup_file(file, version=2))) as copy:
        assert copy.execute("SELECT class_name FROM images WHERE path = 'a/1'").fetchone() == ("b",)


@pytest.mark.parametrize("trouble", ["no copy", "a step"])
def test_a_migration_that_fails_is_one_sentence_and_changes_nothing(old: Path, monkeypatch, trouble: str):
    file = old / "project.sqlite"
    before = dump(file)
    with monkeypatch.context() as patch:
        if trouble == "no copy":

            def full(source: Path, *, version: int) -> None:
                raise OSError(errno.ENOSPC, "No space left on device")

            patch.setattr(migrations, "_back_up", full)
        else:
            patch.setattr(migrations, "STEPS", (*STEPS[:-1], STEPS[-1] + "SELECT * FROM nowhere"))
        with pytest.raises(
            UserError, match=r"could not be brought to this version .*(No space|nowhere)"
        ) as raised:
            Project(old)
        assert raised.value.work == "It is as it was."
        assert raised.value.mend
    assert dump(file) == before
    with Project(old) as project:
        assert labels(project) == {row[0]: row[1] for row in PRESENT}


def test_a_full_disk_while_migrating_leaves_the_old_file(old: Path):
    file = old / "project.sqlite"
    before = dump(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(UserError, match="full"):
            migrations.migrate(connection, file)
    assert dump(file) == before


def test_a_kill_in_the_middle_leaves_the_old_file_usable(old: Path):
    file = old / "project.sqlite"
    before = dump(file)
    code = (
        "import os, signal, sqlite3, sys; from pathlib import Path; from tlstudio.project import migrations\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.create_function('die', 0, lambda: os.kill(os.getpid(), signal.SIGKILL))\n"
        "*first, last = migrations.STEPS\n"
        "migrations.STEPS = (*first, last + 'SELECT die()')\n"
        "migrations.migrate(connection, Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    assert dump(file) == before
    with Project(old) as project:
        assert labels(project) == {row[0]: row[1] for row in PRESENT}


def test_two_processes_that_open_it_at_once_migrate_it_once(old: Path):
    barrier = threading.Barrier(4)

    def open_it() -> None:
        barrier.wait()
        Project(old).close()

    with ThreadPoolExecutor(4) as pool:
        for opened in [pool.submit(open_it) for _ in range(4)]:
            opened.result()
    with Project(old) as project:
        assert labels(project) == {row[0]: row[1] for row in PRESENT}
