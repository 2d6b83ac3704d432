"""Finds groups: images that must stay on one side of a split, such as those of one patient or plant."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tlstudio.core.dataset import Image
from tlstudio.core.errors import UserError

LABELS_FILE = "labels.csv"
IMAGE_COLUMN = "image"


def find_groups(root: Path, images: Sequence[Image], *, groups: str) -> list[Image]:
    """Find the group of each image.

    Args:
        root: The folder that may hold `labels.csv`.
        images: As scanned.
        groups: A column of `labels.csv`, or else a regular expression that is searched in the path: its
            first capture group, or the whole match when it has none, names the group.

    Returns:
        The images with their groups, in the same order; an image without an entry or match has none.

    Raises:
        UserError: The table cannot be read, or `groups` fits nothing.
    """
    rows = read_labels(root / LABELS_FILE)
    columns = list(rows[0]) if rows else []
    if groups in columns and groups != IMAGE_COLUMN:
        by_path = {row[IMAGE_COLUMN].replace("\\", "/"): row[groups] for row in rows}
        grouped = _apply(images, lambda path: by_path.get(path))
    else:
        grouped = _apply(images, _pattern(groups, columns=columns))
    if all(image.group is None for image in grouped):
        raise UserError(
            f"--groups {groups!r} gives no image a group{_known(columns)}.",
            mend="Give a column of labels.csv whose paths are those of the images, or a regular expression "
            'that is found in the paths, such as "patient[0-9]+".',
        )
    return grouped


def read_labels(path: Path) -> list[dict[str, str]]:
    """Read the rows of a `labels.csv`; empty when there is no such file.

    Raises:
        UserError: Not a UTF-8 table with a column `image`.
    """
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            rows = [{key: value for key, value in row.items() if key is not None} for row in reader]
            columns = reader.fieldnames or []
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            f"{LABELS_FILE} cannot be read as a table ({error}).", mend="Save it as CSV in UTF-8."
        ) from error
    if IMAGE_COLUMN not in columns:
        raise UserError(
            f"{LABELS_FILE} has no column {IMAGE_COLUMN!r}{_known(list(columns))}.",
            mend=f"Name the column with the images' paths {IMAGE_COLUMN!r}.",
        )
    return rows


def _apply(images: Sequence[Image], group_of: Callable[[str], str | None]) -> list[Image]:
    return [replace(image, group=group_of(image.path) or None) for image in images]


def _pattern(groups: str, *, columns: Sequence[str]) -> Callable[[str], str | None]:
    try:
        pattern = re.compile(groups)
    except re.error as error:
        raise UserError(
            f"--groups {groups!r} is neither a column of labels.csv{_known(columns)} "
            f"nor a regular expression ({error}).",
            mend="Give a column's name, or correct the expression.",
        ) from error

    def group_of(path: str) -> str | None:
        match = pattern.search(path)
        return None if match is None else match[1 if pattern.groups else 0]

    return group_of


def _known(columns: Sequence[str]) -> str:
    return f" (its columns: {', '.join(columns)})" if columns else ""
