"""The images of a run, as `images.csv` and `test-images.csv` in its folder keep them.

The first lists those that it learned from and was chosen by; by them an evaluation recognises images of the
training. The second lists those that it was tested on; by them two runs are compared on the same images. The
columns: `path`, `split`, `sha256` of the file, and `near_hash`, the perceptual hash of the picture (empty
where there is none, as for all test images).
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.core.files import write_text
from tlstudio.core.tables import TableError, open_rows, write_rows
from tlstudio.core.types import SplitName
from tlstudio.core.wording import count


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownImage:
    """An image of a run.

    Attributes:
        path: As in the dataset.
        split: "train", "validation" or "test".
        sha256: Of the file's bytes.
        near_hash: See `tlstudio.data.near_hash`; empty when it is not known.
    """

    path: str
    split: str
    sha256: str
    near_hash: str


SIDES: tuple[SplitName, ...] = ("train", "validation")
"""Test images have no part in a training: an evaluation may count them again."""
TEST_SIDE: tuple[SplitName, ...] = ("test",)
"""Side of the images in `test-images.csv`."""

COMPARE_THE_FILES = (
    "Delete this file; the images of the run are then compared as far as they are still there."
)
"""Mend for a damaged list."""

_SHA256 = re.compile("[0-9a-f]{64}")
_NEAR_HASH = re.compile("([0-9a-f]{64})?")
_COLUMNS = tuple(field.name for field in fields(KnownImage))


def write_known_images(path: Path, images: Iterable[KnownImage]) -> None:
    """Write the table at once."""
    text = io.StringIO()
    write_rows(text, [_COLUMNS, *(astuple(image) for image in images)])
    write_text(path, text.getvalue())


def read_known_images(path: Path, *, sides: Collection[SplitName] = SIDES) -> list[KnownImage]:
    """Read what `write_known_images` wrote.

    Args:
        path: Of the table.
        sides: That its images may be on.

    Raises:
        UserError: It is no such table.
    """
    try:
        with open_rows(path) as rows:
            columns = next(rows, [])
            if not set(_COLUMNS) <= set(columns):
                raise KeyError(", ".join(_COLUMNS))
            found = [dict(zip(columns, row, strict=True)) for row in rows]
        paths = {row["path"] for row in found}
        if not all(_is_sound(row, sides=sides) for row in found) or len(paths) < len(found):
            raise ValueError("a row that is none, or one that is there twice")
        return [KnownImage(**{name: row[name] for name in _COLUMNS}) for row in found]
    except (UnicodeDecodeError, TableError, KeyError, ValueError) as error:
        raise UserError(
            f"{path} is damaged.",
            mend=COMPARE_THE_FILES,
        ) from error


def refuse_other_number(path: Path, images: Collection[object], *, number: int) -> None:
    """Refuse a list that has lost or gained rows.

    Args:
        path: Of the list.
        images: That were read from it.
        number: How many images had a part in the training.

    Raises:
        UserError: It has another number of images.
    """
    if len(images) != number:
        raise UserError(
            f"{path} is damaged: it lists {count(len(images), 'image')}, but the run learned from and was "
            f"chosen by {number}.",
            mend=COMPARE_THE_FILES,
        )


def _is_sound(row: Mapping[str, str], *, sides: Collection[SplitName]) -> bool:
    hashes = _SHA256.fullmatch(row["sha256"]) and _NEAR_HASH.fullmatch(row["near_hash"])
    return hashes is not None and row["split"] in sides
