"""Opens the SQLite file of a project, and changes it in transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.project.migrations import migrate

SYNCHRONOUS = "FULL"
"""A label survives a power cut, not only a crash."""


def connect(file: Path) -> sqlite3.Connection:
    """Open a project file, which is created if missing and migrated to the newest version.

    Returns:
        A connection in autocommit mode, for one thread.

    Raises:
        UserError: It cannot be read, written or migrated, or a newer version wrote it.
    """
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(file, isolation_level=None, timeout=10)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
        migrate(connection, file)
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.OperationalError):
            raise UserError(
                f"The project {file.parent} cannot be opened ({error}).",
                mend="Check that the folder can be written and that the disk is not full.",
            ) from error
        if isinstance(error, sqlite3.DatabaseError):
            raise UserError(
                f"The project file {file} is damaged ({error}).",
                mend="Restore a backup, or drop the image folder again; your images are untouched.",
            ) from error
        raise
    return connection


@contextmanager
def writing(connection: sqlite3.Connection, *, folder: Path) -> Iterator[sqlite3.Connection]:
    """A transaction: committed at the end, rolled back whatever is raised.

    Args:
        connection: Of the project.
        folder: Of the project, named in the error.

    Raises:
        UserError: The disk is full, the drive is missing, or another process locks the file too long.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.commit()
    except BaseException as error:
        if connection.in_transaction:
            connection.rollback()
        if isinstance(error, sqlite3.OperationalError):
            raise UserError(
                f"The project {folder} could not be saved ({error}).",
                work="The last change was not made; everything before it is kept.",
                mend="Free some space on the disk, check the drive, then try again.",
            ) from error
        raise


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """A transaction in which several queries see the same state, whatever other processes write."""
    connection.execute("BEGIN")
    try:
        yield connection
    finally:
        connection.rollback()
