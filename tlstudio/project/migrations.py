"""How the project file of one version becomes that of the next: numbered steps, each run once."""

from __future__ import annotations

import sqlite3

from tlstudio.core.errors import UserError

# Step N lifts a file of user_version N to N + 1. Steps are never edited once released, only added.
STEPS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE classes (name TEXT PRIMARY KEY, position INTEGER NOT NULL);
    CREATE TABLE images (
        path TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        class_name TEXT,
        folder_class TEXT,
        labelled_at TEXT,
        group_name TEXT,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        notes TEXT NOT NULL,
        split TEXT
    );
    CREATE TABLE problems (
        path TEXT PRIMARY KEY, code TEXT NOT NULL, reason TEXT NOT NULL, mend TEXT NOT NULL
    );
    CREATE TABLE history (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        step INTEGER NOT NULL,
        path TEXT NOT NULL,
        old_class TEXT,
        old_labelled_at TEXT
    );
    """,
    # Images that were not there at the last scan, so that their labels are when they come back.
    """
    CREATE TABLE absent (
        path TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        class_name TEXT,
        folder_class TEXT,
        labelled_at TEXT,
        group_name TEXT,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        notes TEXT NOT NULL,
        split TEXT
    );
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a project file to the newest version.

    Raises:
        UserError: The file was written by a newer tlstudio.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(STEPS):
        raise UserError("This project was saved by a newer tlstudio.", mend="Update tlstudio to open it.")
    for number in range(version, len(STEPS)):
        connection.executescript(f"BEGIN; {STEPS[number]} PRAGMA user_version = {number + 1}; COMMIT;")
