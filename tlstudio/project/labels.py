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

    A folder whose class was renamed in the app gives the new name, also to images that are new in it, and
    one whose class was deleted gives none. Otherwise a folder's label counts only when the folder says
    something new. Columns that the scan does not have are left alone.
    """
    for column in scanned.columns:
        add_column(connection, column)
        names = _folder_classes(connection, column=column.name)
        for class_name in (names.get(folder, folder) for folder in column.classes):
            if class_name is not None:
                add_class(connection, class_name, column=column.name)
        connection.executemany(
            "INSERT INTO labels VALUES (?, ?, ?, 'folder', NULL, ?) "
            'ON CONFLICT (image, "column", origin) DO UPDATE SET '
            "class = CASE WHEN read_as IS excluded.read_as THEN class ELSE excluded.class END, "
            "read_as = excluded.read_as",
            (
                (image.path, column.name, names.get(folder, folder), folder)
                for image in scanned.images
                if (folder := image.labels.get(column.name)) is not None
            ),
        )
        connection.executemany(
            "DELETE FROM labels WHERE image = ? AND \"column\" = ? AND origin = 'folder'",
            ((image.path, column.name) for image in scanned.images if column.name not in image.labels),
        )


def _folder_classes(connection: sqlite3.Connection, *, column: str) -> dict[str, str | None]:
    """Read the app's names for classes of folders, where they differ; None for a deleted class."""
    rows = connection.execute('SELECT folder, class FROM folder_classes WHERE "column" = ?', (column,))
    return {row["folder"]: row["class"] for row in rows}


def folder_classes(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Column and name of the classes that folders gave to images."""
    rows = connection.execute(
        "SELECT DISTINCT \"column\", class FROM labels WHERE origin = 'folder' AND class IS NOT NULL"
    )
    return {(column, class_name) for column, class_name in rows}


def remove_unused(connection: sqlite3.Connection, classes: Iterable[tuple[str, str]]) -> None:
    """Remove the given classes that no label names any more."""
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
        'SELECT ?, ?, COALESCE(MAX(position), -1) + 1, NULL FROM classes WHERE "column" = ?',
        (column, name, column),
    )


def rename_class(connection: sqlite3.Connection, old: str, *, new: str, column: str) -> None:
    """Rename a class everywhere, in images that are away too; two may become one."""
    change = (new, column, old)
    _call_folders(connection, old, new, column=column)
    for table in ("labels", "right_labels"):
        connection.execute(f'UPDATE {table} SET class = ? WHERE "column" = ? AND class = ?', change)
    if new != old and new in classes(connection, column=column):
        connection.execute('DELETE FROM classes WHERE "column" = ? AND name = ?', (column, old))
    else:
        connection.execute('UPDATE classes SET name = ? WHERE "column" = ? AND name = ?', change)


def delete_class(connection: sqlite3.Connection, name: str, *, column: str) -> None:
    """Delete a class; its images have no label then."""
    place = (column, name)
    _call_folders(connection, name, None, column=column)
    connection.execute(
        "DELETE FROM labels WHERE \"column\" = ? AND class = ? AND origin = 'suggestion'", place
    )
    connection.execute('UPDATE labels SET class = NULL WHERE "column" = ? AND class = ?', place)
    connection.execute('DELETE FROM classes WHERE "column" = ? AND name = ?', place)


def _call_folders(connection: sqlite3.Connection, old: str, new: str | None, *, column: str) -> None:
    """Note for later scans that what folders call `old` is called `new` now."""
    connection.execute(
        'UPDATE folder_classes SET class = ? WHERE "column" = ? AND class = ?', (new, column, old)
    )
    connection.execute(
        'INSERT INTO folder_classes SELECT ?, ?, ? WHERE EXISTS (SELECT 1 FROM labels WHERE "column" = ? '
        "AND read_as = ? AND origin = 'folder') ON CONFLICT DO NOTHING",
        (column, old, new, column, old),
    )


def class_colours(connection: sqlite3.Connection, *, column: str) -> dict[str, str]:
    """The colours that the person chose, by class."""
    rows = connection.execute(
        'SELECT name, colour FROM classes WHERE "column" = ? AND colour IS NOT NULL', (column,)
    )
    return {row["name"]: row["colour"] for row in rows}


def set_class_colour(connection: sqlite3.Connection, name: str, colour: str | None, *, column: str) -> None:
    """Give a class a colour (`#rrggbb`); None gives back the one by its place."""
    connection.execute(
        'UPDATE classes SET colour = ? WHERE "column" = ? AND name = ?', (colour, column, name)
    )


def set_label(
    connection: sqlite3.Connection, paths: Iterable[str], *, class_name: str | None, column: str
) -> None:
    """Give images a person's label, or take their label away (None).

    Args:
        connection: Of the project.
        paths: Images of the project or files that a scan will find; each counts once.
        class_name: Made when it is new.
        column: Made when it is new.
    """
    # Milliseconds, because a training that starts in the same second must know what came first.
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    if class_name is not None:
        add_column(connection, LabelColumn(name=column))
        add_class(connection, class_name, column=column)
    connection.executemany(
        "INSERT INTO labels VALUES (?, ?, ?, 'person', ?, NULL) "
        'ON CONFLICT (image, "column", origin) DO UPDATE SET class = excluded.class, at = excluded.at',
        ((path, column, class_name, now) for path in dict.fromkeys(paths)),
    )


def call_right(connection: sqlite3.Connection, paths: Iterable[str], *, column: str) -> None:
    """Note that the labels in force of these images are right; those without a label are passed over."""
    for path in dict.fromkeys(paths):
        found, classes, _ = next(read_labels(connection, start=path), ("", {}, None))
        if found == path and column in classes:
            connection.execute(
                'INSERT INTO right_labels VALUES (?, ?, ?) ON CONFLICT (image, "column") '
                "DO UPDATE SET class = excluded.class",
                (path, column, classes[column]),
            )


def mend_classes(connection: sqlite3.Connection) -> None:
    """Make every label a class again, where a scan came between a step and its undoing."""
    stray = (
        'NOT EXISTS (SELECT 1 FROM classes WHERE classes."column" = labels."column" '
        "AND classes.name = labels.class)"
    )
    connection.execute(
        "UPDATE labels SET class = IFNULL((SELECT class FROM folder_classes "
        'WHERE folder_classes."column" = labels."column" AND folder = read_as), read_as) '
        f"WHERE origin = 'folder' AND class IS NOT NULL AND read_as IS NOT NULL AND {stray}"
    )
    rows = connection.execute(
        f'SELECT DISTINCT "column", class FROM labels WHERE class IS NOT NULL AND {stray}'
    ).fetchall()
    for column, class_name in rows:
        add_class(connection, class_name, column=column)
