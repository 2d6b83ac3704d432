"""An image as a row of the project file, and back."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from tlstudio.core.dataset import Image, labels_of
from tlstudio.core.types import SPLIT_NAMES, SplitName

SIDES: dict[str, SplitName] = {name: name for name in SPLIT_NAMES}
"""The one text of each side: rows of many thousand images bring one each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectImage(Image):
    """One image of a project: an image of the data set, and what the project keeps about it.

    Attributes:
        split: Where it is used, None while unlabelled or not yet divided.
        labelled_at: When a person labelled it in the app (ISO 8601, UTC); None when its folder did.
    """

    split: SplitName | None = None
    labelled_at: str | None = None


def image_of(row: sqlite3.Row) -> ProjectImage:
    """The image of a row of `images`."""
    path, sha256, class_name, _, labelled_at, group, width, height, notes, split = row
    return ProjectImage(
        path=path,
        sha256=sha256,
        labels=labels_of(class_name),
        group=group,
        width=width,
        height=height,
        notes=tuple(json.loads(notes)) if notes != "[]" else (),
        split=SIDES[split] if split is not None else None,
        labelled_at=labelled_at,
    )


def row_of(image: Image, *, known: sqlite3.Row | None) -> tuple[object, ...]:
    """The row of an image as scanned now.

    Args:
        image: As scanned.
        known: Its row until now, None for a new image.
    """
    by_person = known is not None and known["labelled_at"] is not None
    # A folder's class counts only when the folder says something new: renaming a class in the app stays.
    same_folder = known is not None and known["folder_class"] == image.label()
    keep = known is not None and (by_person or same_folder)
    return (
        image.path,
        image.sha256,
        known["class_name"] if known is not None and keep else image.label(),
        image.label(),
        known["labelled_at"] if known is not None else None,
        image.group,
        image.width,
        image.height,
        json.dumps(image.notes),
        known["split"] if known is not None else None,
    )
