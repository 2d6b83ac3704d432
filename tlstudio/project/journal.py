"""Steps that can be undone: every change of a row, recorded while a person's command is carried out.

While a step is recorded, triggers of this connection write the row as it was before into the table
`changes`. Undo puts these rows back, the newest change first, so a new command needs no code of its own to
be undone. What a scan changes is never recorded. The functions work inside the caller's transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "labels": (("image", "column", "origin"), ("image", "column", "class", "origin", "at", "read_as")),
    "classes": (("column", "name"), ("column", "name", "position", "colour")),
    "folder_classes": (("column", "folder"), ("column", "folder", "class")),
    "left_out": (("path",), ("path",)),
    "right_labels": (("image", "column"), ("image", "column", "class")),
    "added": (("path",), ("path",)),
}
"""Primary key and all columns of each table whose changes are recorded."""

_OF_IMAGES = ("labels", "left_out", "right_labels", "added")
"""Tables whose key begins with the path of an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a person that can be undone.

    Attributes:
        number: Steps are undone from the highest down.
        words: What was done, as the rest of "Undone: …".
        adds_files: Whether files were added to the project, so that undoing it takes them out again.
    """

    number: int
    words: str
    adds_files: bool


@contextmanager
def recorded_step(connection: sqlite3.Connection, words: str) -> Iterator[None]:
    """Record what is changed inside as one step; nothing is recorded when nothing changed.

    Args:
        connection: In a transaction, which undoes all of this when an error is raised inside.
        words: See `Step`.
    """
    row = connection.execute("SELECT MAX(step) FROM steps").fetchone()
    number = int(row[0] or 0) + 1
    names = []
    for table, (key, columns) in _TABLES.items():
        for event, new, old in (
            ("INSERT", "NEW", None),
            ("UPDATE", "NEW", "OLD"),
            ("DELETE", "OLD", "OLD"),
        ):
            name = f"record_{table}_{event.lower()}"
            before = f"json_array({_listed(columns, old)})" if old else "NULL"
            connection.execute(
                f"CREATE TEMP TRIGGER {name} AFTER {event} ON main.{table} BEGIN "
                'INSERT INTO changes (step, "table", key, before) '
                f"VALUES ({number}, '{table}', json_array({_listed(key, new)}), {before}); END"
            )
            names.append(name)
    yield
    for name in names:
        connection.execute(f"DROP TRIGGER temp.{name}")
    if connection.execute("SELECT 1 FROM changes WHERE step = ? LIMIT 1", (number,)).fetchone():
        connection.execute("INSERT INTO steps VALUES (?, ?)", (number, words))


def last_step(connection: sqlite3.Connection) -> Step | None:
    """The step that would be undone; None when there is none."""
    row = connection.execute("SELECT step, words FROM steps ORDER BY step DESC LIMIT 1").fetchone()
    if row is None:
        return None
    added = connection.execute(
        "SELECT 1 FROM changes WHERE step = ? AND \"table\" = 'added' LIMIT 1", (row["step"],)
    ).fetchone()
    return Step(number=row["step"], words=row["words"], adds_files=added is not None)


def undo(connection: sqlite3.Connection) -> list[str]:
    """Undo the last step.

    Returns:
        The paths of the images it concerned, each once; empty when there is no step, or it concerned
        classes only.
    """
    step = last_step(connection)
    if step is None:
        return []
    rows = connection.execute(
        'SELECT "table", key, before FROM changes WHERE step = ? ORDER BY id DESC', (step.number,)
    ).fetchall()
    paths: dict[str, None] = {}
    for table, key_text, before_text in rows:
        key = json.loads(key_text)
        before = None if before_text is None else json.loads(before_text)
        if table in _OF_IMAGES:
            paths[key[0]] = None
        _restore(connection, table, key, before)
    connection.execute("DELETE FROM changes WHERE step = ?", (step.number,))
    connection.execute("DELETE FROM steps WHERE step = ?", (step.number,))
    return list(paths)


def _restore(
    connection: sqlite3.Connection, table: str, key: list[str], before: list[str | int | None] | None
) -> None:
    key_columns, columns = _TABLES[table]
    where = " AND ".join(f'"{column}" = ?' for column in key_columns)
    if table == "labels" and before is not None and before[3] == "folder":
        # A scan may have read the folder since: what it said then does not come back, only the class given
        # to it.
        connection.execute(
            f"UPDATE labels SET class = ? WHERE {where} AND read_as IS ?", (before[2], *key, before[5])
        )
        return
    connection.execute(f"DELETE FROM {table} WHERE {where}", key)
    if before is not None:
        places = ", ".join("?" * len(columns))
        connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", before)


def _listed(columns: tuple[str, ...], row: str | None) -> str:
    return ", ".join(f'{row}."{column}"' for column in columns)
