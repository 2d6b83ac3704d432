"""An image as a row of the project file, and back."""

from __future__ import annotations

import json
import sqlite3
import sys
from dataclasses import dataclass

from tlstudio.core.types import SPLIT_NAMES, ImageRecord, SplitName

SIDES: dict[str, SplitName] = {name: name for name in SPLIT_NAMES}
"""The one text of each side: rows of many thousand images bring one each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectImage:
    """One image as the grid shows it.

    Attributes:
        record: Path, label, size.
        split: Where it is used, None while unlabelled or not yet divided.
        labelled_at: When a person labelled it in the app (ISO 8601, UTC); None when its folder did.
    """

    record: ImageRecord
    split: SplitName | None
    labelled_at: str | None


def image_of(row: sqlite3.Row) -> ProjectImage:
    """The image of a row of `images`."""
    path, sha256, class_name, _, labelled_at, group, width, height, notes, split = row
    record = ImageRecord(
        path=path,
        sha256=sha256,
        class_name=sys.intern(class_name) if class_name is not None else None,
        group=group,
        width=width,
        height=height,
        notes=tuple(json.loads(notes)) if notes != "[]" else (),
    )
    return ProjectImage(
        record=record, split=SIDES[split] if split is not None else None, labelled_at=labelled_at
    )


def row_of(record: ImageRecord, *, known: sqlite3.Row | None) -> tuple[object, ...]:
    """The row of an image as scanned now.

    Args:
        record: As scanned.
        known: Its row until now, None for a new image.
    """
    by_person = known is not None and known["labelled_at"] is not None
    # A folder's class counts only when the folder says something new: renaming a class in the app stays.
    same_folder = known is not None and known["folder_class"] == record.class_name
    keep = known is not None and (by_person or same_folder)
    return (
        record.path,
        record.sha256,
        known["class_name"] if known is not None and keep else record.class_name,
        record.class_name,
        known["labelled_at"] if known is not None else None,
        record.group,
        record.width,
        record.height,
        json.dumps(record.notes),
        known["split"] if known is not None else None,
    )
