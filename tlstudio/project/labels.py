"""Labels, classes and label columns in the project file.

An image may have up to three labels in a column, one of each origin: the one its folder gave, the one a
person gave (class NULL: the person took the label away), and a suggestion of the app. The person's counts
before the folder's; a suggestion is not a label yet. Labels belong to a path and stay while the image is
away. The functions work inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from tlstudio.core.dataset import DEFAULT_COLUMN, Dataset, LabelColumn, shared_labels


def read_labels(
    connection: sqlite3.Connection, *, start: str
) -> Iterator[tuple[str, Mapping[str, str], str | None]]:
    """Read the labels that are in force.

    Args:
        connection: Of the project.
        start: The first path of interest.

    Yields:
        The path of an image, its labels as in `Image.labels`, and when a person last labelled its default
        column (None: nobody did). Sorted by path and read one by one; images without any are left out.
    """
    # In the order of the primary key: nothing is sorted, and the person's row comes after the folder's.
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: there are many
    rows = cursor.execute(
        'SELECT image, "column", class, origin, at FROM labels WHERE image >= ? AND origin <> ? '
        'ORDER BY image, "column", origin',
        (start, "suggestion"),
    )
    current: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    person_at: str | None = None
    for image, column, class_name, origin, at in rows:
        if image != current:
            if current is not None:
                yield current, shared_labels(pairs), person_at
            current, pairs, person_at = image, (), None
        elif pairs and pairs[-1][0] == column:
            pairs = pairs[:-1]
        if class_name is not None:
            pairs += ((column, class_name),)
        if origin == "person" and column == DEFAULT_COLUMN:
            person_at = at
    if current is not None:
        yield current, shared_labels(pairs), person_at


def save_scanned_labels(connection: sqlite3.Connection, scanned: Dataset) -> None:
    """Save the columns, classes and labels of a scan.

    A folder's label counts only when the folder says something new: a class renamed in the app stays renamed
    for the images it already had. Columns that the scan does not have are left alone.
    """
    for column in scanned.columns:
        add_column(connection, column)
        for class_name in column.classes:
            add_class(connection, class_name, column=column.name)
        connection.executemany(
            "INSERT INTO labels VALUES (?, ?, ?, 'folder', NULL, ?) "
            'ON CONFLICT (image, "column", origin) DO UPDATE SET '
            "class = CASE WHEN read_as IS excluded.read_as THEN class ELSE excluded.class END, "
            "read_as = excluded.read_as",
            _rows_of(scanned, column.name),
        )
        connection.executemany(
            "DELETE FROM labels WHERE image = ? AND \"column\" = ? AND origin = 'folder'",
            ((image.path, column.name) for image in scanned.images if column.name not in image.labels),
        )


def _rows_of(scanned: Dataset, column: str) -> Iterator[tuple[str, str, str, str]]:
    for image in scanned.images:
        class_name = image.labels.get(column)
        if class_name is not None:
            yield image.path, column, class_name, class_name


def folder_classes(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Column and name of the classes that folders gave to images."""
    rows = connection.execute(
        "SELECT DISTINCT \"column\", class FROM labels WHERE origin = 'folder' AND class IS NOT NULL"
    )
    return {(column, class_name) for column, class_name in rows}


def remove_unused(connection: sqlite3.Connection, classes: Iterable[tuple[str, str]]) -> None:
    """Remove those of these classes that no label names any more."""
    connection.executemany(
        'DELETE FROM classes WHERE "column" = ?1 AND name = ?2 '
        'AND NOT EXISTS (SELECT 1 FROM labels WHERE "column" = ?1 AND class = ?2)',
        classes,
    )


def columns(connection: sqlite3.Connection) -> list[LabelColumn]:
    """The label columns with all their classes, in order."""
    rows = connection.execute("SELECT name, kind FROM label_columns ORDER BY position")
    return [
        LabelColumn(name=name, kind=kind, classes=tuple(classes(connection, column=name)))
        for name, kind in rows.fetchall()
    ]


def classes(connection: sqlite3.Connection, *, column: str) -> list[str]:
    """The classes of a column in their order."""
    rows = connection.execute('SELECT name FROM classes WHERE "column" = ? ORDER BY position', (column,))
    return [row["name"] for row in rows]


def add_column(connection: sqlite3.Connection, column: LabelColumn) -> None:
    """Add a label column after the others; does nothing when its name exists."""
    connection.execute(
        "INSERT OR IGNORE INTO label_columns SELECT ?, ?, COALESCE(MAX(position), -1) + 1 FROM label_columns",
        (column.name, column.kind),
    )


def add_class(connection: sqlite3.Connection, name: str, *, column: str) -> None:
    """Add a class after the others of its column; does nothing when it exists."""
    connection.execute(
        "INSERT OR IGNORE INTO classes "
        'SELECT ?, ?, COALESCE(MAX(position), -1) + 1 FROM classes WHERE "column" = ?',
        (column, name, column),
    )


def rename_class(connection: sqlite3.Connection, old: str, *, new: str, column: str) -> None:
    """Rename a class everywhere, in images that are away and in the history too; two may become one."""
    change = (new, column, old)
    connection.execute('UPDATE labels SET class = ? WHERE "column" = ? AND class = ?', change)
    connection.execute('UPDATE history SET old_class = ? WHERE "column" = ? AND old_class = ?', change)
    if new != old and new in classes(connection, column=column):
        connection.execute('DELETE FROM classes WHERE "column" = ? AND name = ?', (column, old))
    else:
        connection.execute('UPDATE classes SET name = ? WHERE "column" = ? AND name = ?', change)


def set_label(
    connection: sqlite3.Connection, paths: Iterable[str], *, class_name: str | None, column: str
) -> None:
    """Give images a person's label, or take their label away (None): one step of the history.

    Args:
        connection: Of the project.
        paths: Unknown ones and those of images that are away are passed over; each counts once.
        class_name: Made when it is new.
        column: Made when it is new.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if class_name is not None:
        add_column(connection, LabelColumn(name=column))
        add_class(connection, class_name, column=column)
    connection.execute("CREATE TEMP TABLE chosen (path TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.executemany("INSERT OR IGNORE INTO chosen VALUES (?)", ((path,) for path in paths))
    connection.execute(
        "DELETE FROM chosen WHERE NOT EXISTS "
        "(SELECT 1 FROM images WHERE images.path = chosen.path AND present)"
    )
    connection.execute(
        'INSERT INTO history (step, path, "column", old_class, old_labelled_at) '
        "SELECT ?, path, ?, class, at FROM chosen LEFT JOIN labels "
        "ON image = path AND \"column\" = ? AND origin = 'person'",
        (last_step(connection) + 1, column, column),
    )
    connection.execute(
        "INSERT OR REPLACE INTO labels SELECT path, ?, ?, 'person', ?, NULL FROM chosen",
        (column, class_name, now),
    )
    connection.execute("DROP TABLE chosen")


def undo(connection: sqlite3.Connection) -> list[str]:
    """Undo the last step of the history.

    Returns:
        The paths it concerned; empty when there is no step.
    """
    step = (last_step(connection),)
    rows = connection.execute("SELECT path FROM history WHERE step = ?", step).fetchall()
    connection.execute(
        "DELETE FROM labels WHERE origin = 'person' AND (image, \"column\") IN "
        '(SELECT path, "column" FROM history WHERE step = ?)',
        step,
    )
    # Without a time there was no person's label before: the folder's counts again.
    connection.execute(
        "INSERT INTO labels SELECT path, \"column\", old_class, 'person', old_labelled_at, NULL "
        "FROM history WHERE step = ? AND old_labelled_at IS NOT NULL",
        step,
    )
    connection.execute("DELETE FROM history WHERE step = ?", step)
    return [row["path"] for row in rows]


def last_step(connection: sqlite3.Connection) -> int:
    """Number of the last step of the history, 0 when there is none."""
    # Steps increase with the ids, so the last row has the highest: earlier labels need not be read.
    row = connection.execute("SELECT step FROM history ORDER BY id DESC LIMIT 1").fetchone()
    return int(row["step"]) if row else 0
