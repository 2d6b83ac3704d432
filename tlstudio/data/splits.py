"""Divides images into train, validation and test: seeded, stratified, related images on one side.

Related images (see `tlstudio.data.units`) stay on one side, unless a division that came with the images parts
them: such a division stays as it is, and only the sides that it lacks are drawn, from its training images.

`split.csv` is CSV in UTF-8 with the columns `path,split,seed,validation_fraction,test_fraction,notes`, one
row per image, sorted by path. The last four are filled in the first row only; `notes` is a JSON list.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tlstudio.core.dataset import DEFAULT_COLUMN, Image
from tlstudio.core.errors import UserError
from tlstudio.core.files import write_text
from tlstudio.core.tables import TableError, open_rows, write_rows
from tlstudio.core.text_files import parse_json
from tlstudio.core.typed_values import read_value
from tlstudio.core.types import SPLIT_NAMES, SPLIT_USES, Split, SplitName
from tlstudio.core.wording import count
from tlstudio.data.given_division import GivenDivision, given_division
from tlstudio.data.naming import natural_key
from tlstudio.data.placing import Placing, Unit, related_units, side_sizes

_COLUMNS = ("path", "split", "seed", "validation_fraction", "test_fraction", "notes")


def make_split(
    images: Sequence[Image],
    *,
    validation: float,
    test: float,
    seed: int,
    column: str = DEFAULT_COLUMN,
) -> Split:
    """Divide the labelled images.

    Each class is divided by the wanted fractions, rounded to the nearest image (0.5 up), as far as groups
    allow. A class with four or more independent images gets at least one each for validation and test, where
    wanted; with three, at least one for validation, or else for test. Every class has training images.

    Args:
        images: Unlabelled ones are ignored.
        validation: Fraction for choosing the classifier; may be 0.
        test: Fraction for the final evaluation; may be 0.
        seed: The same seed and images give the same split, whatever the order of the images.
        column: Whose classes are divided evenly.

    Raises:
        UserError: The fractions leave no images to train on.
    """
    if not (0 <= validation < 1 and 0 <= test < 1 and validation + test < 1):
        raise UserError(
            f"Validation {validation:g} and test {test:g} leave no images to train on.",
            mend="Give fractions from 0 up that together are below 1, such as 0.15 each.",
        )
    empty = Split(assignment={}, seed=seed, validation_fraction=validation, test_fraction=test)
    return extend_split(empty, images, column=column)


def extend_split(split: Split, images: Sequence[Image], *, column: str = DEFAULT_COLUMN) -> Split:
    """Add new images to a split; images that are in it already keep their side.

    New images take the side that came with them, or else join the side of those they are related to. Images
    that are missing or unlabelled now leave the split.

    Args:
        split: The split so far.
        images: All images there are now.
        column: Whose classes are divided evenly.
    """
    labelled = sorted((image for image in images if column in image.labels), key=lambda image: image.path)
    given = given_division(labelled, validation=split.validation_fraction, test=split.test_fraction)
    drawn = [image for image in labelled if image.path not in given.fixed]
    present = {image.path for image in drawn}
    placed = {path: side for path, side in split.assignment.items() if path in present}
    placed = given.relatives(labelled, column=column) | placed
    placed = _place(
        drawn, placed, validation=given.validation, test=given.test, seed=split.seed, column=column
    )
    draft = replace(split, assignment=dict(sorted({**placed, **given.fixed}.items())))
    return replace(draft, notes=(*given.notes(), *_notes(labelled, draft, given=given, column=column)))


def _place(
    images: Sequence[Image],
    placed: dict[str, SplitName],
    *,
    validation: float,
    test: float,
    seed: int,
    column: str,
) -> dict[str, SplitName]:
    """Place the images that have no side yet.

    Args:
        images: Labelled, sorted by path.
        placed: The sides of those that have one; new ones are added.
        validation: Wanted fraction.
        test: Wanted fraction.
        seed: Of the draw.
        column: Whose classes are divided evenly.
    """
    totals = Counter(image.labels[column] for image in images)
    units = related_units(images, column=column)
    independent = Counter(name for unit in units for name in unit.counts)
    placing = Placing(
        {
            name: side_sizes(totals[name], independent[name], validation=validation, test=test)
            for name in sorted(independent, key=natural_key)
        },
        seed=seed,
    )
    fresh: list[Unit] = []
    for unit in units:
        sides = Counter(placed[path] for path in unit.paths if path in placed)
        if sides:
            # Images placed earlier may turn out to be related across sides; new ones join the larger part.
            side = max(SPLIT_NAMES, key=lambda name: sides[name])
            placed.update((path, side) for path in unit.paths if path not in placed)
        else:
            fresh.append(unit)
    for image in images:
        if image.path in placed:
            placing.add_placed(image.labels[column], placed[image.path])
    placed.update(placing.place(fresh))
    return placed


def write_split(path: Path, split: Split) -> None:
    """Write `split.csv` at once; its format is described at the top of this module."""
    settings: tuple[object, ...] = (
        split.seed,
        split.validation_fraction,
        split.test_fraction,
        json.dumps(split.notes, ensure_ascii=False),
    )
    rows: list[tuple[object, ...]] = [_COLUMNS]
    for image, side in sorted(split.assignment.items()):
        rows.append((image, side, *settings))
        settings = ("",) * len(settings)
    text = io.StringIO()
    write_rows(text, rows)
    write_text(path, text.getvalue())


def read_split(path: Path) -> Split:
    """Read what `write_split` wrote, or a table made by hand with only `path` and `split`.

    Raises:
        UserError: It is no such table.
    """
    try:
        with open_rows(path) as lines:
            columns = next(lines, [])
            if not {"path", "split"} <= set(columns):
                raise TableError("columns are missing")
            rows = [dict(zip(columns, line, strict=False)) for line in lines]
        sides: dict[str, SplitName] = {name: name for name in SPLIT_NAMES}
        assignment = {row["path"]: sides[row["split"]] for row in rows}
        first = rows[0] if rows else {}
        counts = Counter(assignment.values())
        return Split(
            assignment=assignment,
            seed=int(first.get("seed") or 0),
            validation_fraction=float(
                first.get("validation_fraction") or counts["validation"] / max(1, len(assignment))
            ),
            test_fraction=float(first.get("test_fraction") or counts["test"] / max(1, len(assignment))),
            notes=read_value(tuple[str, ...], parse_json(first.get("notes") or "[]")),
        )
    except (UnicodeDecodeError, TableError, KeyError, ValueError, TypeError) as error:
        raise UserError(
            f"{path} is damaged, or not a split table.",
            mend='It needs the columns "path" and "split", with train, validation or test in the second.',
        ) from error


def _notes(labelled: Sequence[Image], split: Split, *, given: GivenDivision, column: str) -> tuple[str, ...]:
    """One sentence for each class that is missing on a wanted side."""
    wanted: list[SplitName] = ["train"]
    if split.validation_fraction > 0 or "validation" in given.sides:
        wanted.append("validation")
    if split.test_fraction > 0 or "test" in given.sides:
        wanted.append("test")
    present = {(image.labels[column], split.assignment[image.path]) for image in labelled}
    independent = Counter(name for unit in related_units(labelled, column=column) for name in unit.counts)
    notes = []
    for name in sorted(independent, key=natural_key):
        missing = " and ".join(SPLIT_USES[side] for side in wanted if (name, side) not in present)
        if missing and given.sides:
            notes.append(f"{name} has no image for {missing} in the division that was given.")
        elif missing:
            images = count(independent[name], "independent image")
            notes.append(f"{name} has {images}: none is left for {missing}.")
    return tuple(notes)
