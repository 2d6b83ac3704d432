"""Brings the project file of an older version to the newest: numbered steps, each applied once.

Before the first step a copy of the file is kept beside it (`project.sqlite.v2-backup` for a file of version
2). All steps run in one transaction, so a crash or a full disk leaves the file as it was.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tlstudio.core.errors import UserError

# Step N brings a file of user_version N to N + 1. Steps are never edited once released, only added. No
# statement may hold a semicolon.
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
    # Images that the last scan did not find; their labels are kept for when they come back.
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
    # Sources, label columns, and labels in a table of their own, by column and origin. `read_as` is what the
    # folder said at the last scan: its class may have been renamed in the app since.
    """
    CREATE TABLE sources (id TEXT PRIMARY KEY, root TEXT NOT NULL, role TEXT NOT NULL);
    INSERT INTO sources SELECT 'images', value, 'labelled' FROM meta WHERE key = 'images_root';
    DELETE FROM meta WHERE key = 'images_root';

    CREATE TABLE label_columns (name TEXT PRIMARY KEY, kind TEXT NOT NULL, position INTEGER NOT NULL);
    INSERT INTO label_columns SELECT 'label', 'classes', 0 WHERE EXISTS (SELECT 1 FROM classes);
    ALTER TABLE classes RENAME TO old_classes;
    CREATE TABLE classes (
        "column" TEXT NOT NULL,
        name TEXT NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY ("column", name)
    ) WITHOUT ROWID;
    INSERT INTO classes SELECT 'label', name, position FROM old_classes;
    DROP TABLE old_classes;

    CREATE TABLE old_images AS SELECT *, 1 AS present FROM images UNION ALL SELECT *, 0 FROM absent;
    CREATE TABLE labels (
        image TEXT NOT NULL,
        "column" TEXT NOT NULL,
        class TEXT,
        origin TEXT NOT NULL CHECK (origin IN ('folder', 'person', 'suggestion')),
        at TEXT,
        read_as TEXT,
        PRIMARY KEY (image, "column", origin)
    ) WITHOUT ROWID;
    INSERT INTO labels
        SELECT path, 'label', class_name, 'person', labelled_at, NULL
        FROM old_images WHERE labelled_at IS NOT NULL;
    INSERT INTO labels
        SELECT path, 'label', class_name, 'folder', NULL, folder_class FROM old_images
        WHERE labelled_at IS NULL AND (class_name IS NOT NULL OR folder_class IS NOT NULL);
    CREATE TEMP TABLE before_person AS
        SELECT path, old_class, MIN(id) FROM history WHERE old_labelled_at IS NULL GROUP BY path;
    INSERT INTO labels
        SELECT
            path,
            'label',
            CASE WHEN before_person.path IS NULL THEN folder_class ELSE old_class END,
            'folder',
            NULL,
            folder_class
        FROM old_images LEFT JOIN before_person USING (path)
        WHERE labelled_at IS NOT NULL AND (old_class IS NOT NULL OR folder_class IS NOT NULL);
    DROP TABLE before_person;
    DROP TABLE images;
    DROP TABLE absent;
    CREATE TABLE images (
        path TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        group_name TEXT,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        notes TEXT NOT NULL,
        split TEXT,
        present INTEGER NOT NULL
    ) WITHOUT ROWID;
    INSERT INTO images
        SELECT path, sha256, group_name, width, height, notes, split, present FROM old_images ORDER BY path;
    DROP TABLE old_images;
    ALTER TABLE history ADD COLUMN "column" TEXT NOT NULL DEFAULT 'label';
    """,
    # What the values of deep images are; NULL for ordinary ones, and until the next scan.
    """
    ALTER TABLE images ADD COLUMN "values" TEXT;
    """,
    # The side of a division that came with the images. In a project whose images were read before, folders
    # go on being classes until the person says otherwise.
    """
    ALTER TABLE images ADD COLUMN given_split TEXT;
    INSERT INTO meta SELECT 'draft', '{}' WHERE EXISTS (SELECT 1 FROM images)
        AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'draft');
    UPDATE meta SET value = json_set(value, '$.layout', 'top')
        WHERE key = 'draft' AND EXISTS (SELECT 1 FROM images);
    """,
    # Steps that can be undone, whatever they change; images that are left out; files added from other
    # places; what a folder's class is called now (NULL: it was deleted); a class's own colour; what a file
    # looked like when it was read, so that it need not be read again; when a run read the labels.
    """
    CREATE TABLE left_out (path TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE added (path TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE trainings (run TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE folder_classes (
        "column" TEXT NOT NULL,
        folder TEXT NOT NULL,
        class TEXT,
        PRIMARY KEY ("column", folder)
    ) WITHOUT ROWID;
    INSERT INTO folder_classes
        SELECT "column", read_as, MIN(class) FROM labels
        WHERE origin = 'folder' AND read_as IS NOT NULL AND class IS NOT NULL
        GROUP BY "column", read_as HAVING MIN(class) = MAX(class) AND MIN(class) <> read_as;
    ALTER TABLE classes ADD COLUMN colour TEXT;
    ALTER TABLE images ADD COLUMN stamp TEXT;
    CREATE TABLE steps (step INTEGER PRIMARY KEY, words TEXT NOT NULL);
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY,
        step INTEGER NOT NULL,
        "table" TEXT NOT NULL,
        key TEXT NOT NULL,
        before TEXT
    );
    CREATE INDEX changes_by_step ON changes (step);
    INSERT INTO steps SELECT DISTINCT step, 'the last labels' FROM history;
    INSERT INTO changes (step, "table", key, before)
        SELECT
            step,
            'labels',
            json_array(path, "column", 'person'),
            CASE WHEN old_labelled_at IS NOT NULL
                THEN json_array(path, "column", old_class, 'person', old_labelled_at, NULL) END
        FROM history ORDER BY id;
    DROP TABLE history;
    """,
    # The cluster of near-duplicates of an image.
    """
    ALTER TABLE images ADD COLUMN near TEXT;
    """,
    # Labels of which the person said that they are right, although other images speak against them.
    """
    CREATE TABLE right_labels (
        image TEXT NOT NULL,
        "column" TEXT NOT NULL,
        class TEXT NOT NULL,
        PRIMARY KEY (image, "column")
    ) WITHOUT ROWID;
    """,
)


def migrate(connection: sqlite3.Connection, file: Path) -> None:
    """Bring a project file to the newest version; a new, empty file gets its tables.

    Args:
        connection: Open on the file, in autocommit mode.
        file: The project file.

    Raises:
        UserError: The file was written by a newer tlstudio, or it cannot be migrated; it is unchanged then.
    """
    version = _version(connection)
    if version > len(STEPS):
        raise UserError("This project was saved by a newer tlstudio.", mend="Update tlstudio to open it.")
    if version == len(STEPS):
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have done it while this one waited for the lock.
        version = _version(connection)
        if 0 < version < len(STEPS):
            _back_up(file, version=version)
        for number in range(version, len(STEPS)):
            for statement in STEPS[number].split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
    except (sqlite3.OperationalError, OSError) as error:
        if connection.in_transaction:
            connection.rollback()
        raise UserError(
            f"The project {file.parent} could not be brought to this version of tlstudio ({error}).",
            work="It is as it was.",
            mend="Check that its folder can be written and that the disk is not full, then open it again.",
        ) from error


def backup_file(file: Path, *, version: int) -> Path:
    """Path of the copy of a project file of an older version."""
    return file.with_name(f"{file.name}.v{version}-backup")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _back_up(file: Path, *, version: int) -> None:
    """Copy the file together with its write-ahead log; an existing copy is not replaced."""
    kept = backup_file(file, version=version)
    if kept.exists():
        return
    unfinished = kept.with_name(kept.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        unfinished.replace(kept)
    finally:
        unfinished.unlink(missing_ok=True)
