"""Images in the project file: rows of the table `images`, read together with their labels."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tlstudio.core.dataset import DEFAULT_COLUMN, Dataset, Image, labels_of
from tlstudio.core.known_file import KnownFile
from tlstudio.core.typed_values import read_dataclass
from tlstudio.core.types import SPLIT_NAMES, SplitName
from tlstudio.core.values import ValueSummary
from tlstudio.project.labels import read_labels

SIDES: dict[str, SplitName] = {name: name for name in SPLIT_NAMES}
"""One shared text for each side: every row that is read would bring its own."""

_NOTHING: tuple[None, Mapping[str, str], None] = (None, labels_of(None), None)

_LEFT_OUT = "EXISTS (SELECT 1 FROM left_out WHERE left_out.path = images.path)"
NOT_LEFT_OUT = f"AND NOT {_LEFT_OUT}"
"""Condition of a query on images, after others."""
_RIGHT = """(SELECT class FROM right_labels WHERE image = path AND "column" = 'label')"""
_COLUMNS = 'path, sha256, group_name, width, height, notes, split, "values", given_split'
_READ = f"{_COLUMNS}, near, {_RIGHT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectImage(Image):
    """One image of a project: an image of the dataset, with its split and labelling time.

    Attributes:
        split: Where it is used, None while unlabelled or not yet divided.
        labelled_at: When a person labelled it in the app (ISO 8601, UTC); None when its folder did.
        left_out: Whether the person left it out: it is used for nothing until it is brought back.
    """

    split: SplitName | None = None
    labelled_at: str | None = None
    left_out: bool = False


def read_images(
    connection: sqlite3.Connection, *, after: str, at_most: int, with_left_out: bool
) -> Iterator[ProjectImage]:
    """The images found by the last scan, sorted by path.

    Args:
        connection: Of the project, in a transaction: two queries are read side by side.
        after: Only those whose path comes after this one.
        at_most: How many; -1 for all.
        with_left_out: Whether those that the person left out are among them.
    """
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: there are many
    which = "" if with_left_out else NOT_LEFT_OUT
    rows = cursor.execute(
        f"SELECT {_READ}, {_LEFT_OUT} FROM images WHERE present AND path > ? {which} ORDER BY path LIMIT ?",
        (after, at_most),
    )
    labels = read_labels(connection, start=after)
    labelled, classes, person_at = next(labels, _NOTHING)
    for row in rows:
        path = row[0]
        while labelled is not None and labelled < path:  # an image that is away
            labelled, classes, person_at = next(labels, _NOTHING)
        if labelled == path:
            yield _image_of(row, classes, person_at)
        else:
            yield _image_of(row, labels_of(None), None)


def read_image(connection: sqlite3.Connection, path: str) -> ProjectImage | None:
    """One image, None when the last scan did not find it. In a transaction, as `read_images`."""
    row = connection.execute(
        f"SELECT {_READ}, {_LEFT_OUT} FROM images WHERE present AND path = ?", (path,)
    ).fetchone()
    if row is None:
        return None
    labelled, classes, person_at = next(read_labels(connection, start=path), _NOTHING)
    return _image_of(row, classes, person_at) if labelled == path else _image_of(row, labels_of(None), None)


def _image_of(row: Sequence[Any], labels: Mapping[str, str], person_at: str | None) -> ProjectImage:
    path, sha256, group, width, height, notes, split, summary, given, near, right, left_out = row
    return ProjectImage(
        path=path,
        sha256=sha256,
        labels=labels,
        group=group,
        width=width,
        height=height,
        notes=tuple(json.loads(notes)) if notes != "[]" else (),
        values=_summary(summary),
        split=SIDES[split] if split is not None else None,
        given_split=SIDES[given] if given is not None else None,
        near=near,
        labelled_at=person_at,
        left_out=bool(left_out),
        called_right=right is not None and right == labels.get(DEFAULT_COLUMN),
    )


def _summary(text: str | None) -> ValueSummary | None:
    return read_dataclass(ValueSummary, json.loads(text)) if text is not None else None


def save_scanned_images(connection: sqlite3.Connection, scanned: Dataset) -> None:
    """Save the images of a scan, row by row. Known ones keep their split; missing ones are marked as away."""
    connection.execute("UPDATE images SET present = 0")
    connection.executemany(
        f"INSERT INTO images ({_COLUMNS}, present) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, 1) "
        "ON CONFLICT (path) DO UPDATE SET "
        "sha256 = excluded.sha256, group_name = excluded.group_name, width = excluded.width, "
        'height = excluded.height, notes = excluded.notes, "values" = excluded."values", '
        "given_split = excluded.given_split, present = 1, stamp = NULL",
        (
            (
                image.path,
                image.sha256,
                image.group,
                image.width,
                image.height,
                json.dumps(image.notes),
                json.dumps(asdict(image.values)) if image.values is not None else None,
                image.given_split,
            )
            for image in scanned.images
        ),
    )


def present_paths(connection: sqlite3.Connection, paths: Iterable[str]) -> list[str]:
    """Return the given paths that are images of the project now, each once."""
    cursor = connection.cursor()
    found = (
        cursor.execute("SELECT path FROM images WHERE path = ? AND present", (path,)).fetchone()
        for path in dict.fromkeys(paths)
    )
    return [row["path"] for row in found if row is not None]


def read_known_files(connection: sqlite3.Connection) -> dict[str, KnownFile]:
    """Read the facts that were found in each file that has a stamp, by its path."""
    rows = connection.execute(
        'SELECT path, stamp, sha256, width, height, notes, "values" FROM images '
        "WHERE present AND stamp IS NOT NULL"
    )
    return {
        path: KnownFile(
            stamp=stamp,
            sha256=sha256,
            width=width,
            height=height,
            notes=tuple(json.loads(notes)),
            values=_summary(values),
        )
        for path, stamp, sha256, width, height, notes, values in rows
    }
