"""Takes classes and sides of images from a table, and says which rows and which images found no partner."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tlstudio.core.dataset import DataNote
from tlstudio.core.types import SPLIT_NAMES, SplitName
from tlstudio.core.wording import count
from tlstudio.data.naming import listed, same_name
from tlstudio.data.tables.columns import LabelSource, given_sides, label_source, side_column
from tlstudio.data.tables.image_table import ImageTable

MOST_NAMED = 50
"""Most names that are listed with a note; the sentence has their number."""
COVERED = 0.9
"""Least share of the images that a table must have to outweigh the folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLabels:
    """Classes and sides that a table gives to images.

    Attributes:
        labels: The class of each image that gets one from the table.
        sides: The side of each image that the table gives one.
        replaces_folders: Whether folders are no classes; else the table only adds to them.
        notes: What was taken, and what did not fit.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    sides: Mapping[str, SplitName] = field(default_factory=dict)
    replaces_folders: bool = False
    notes: tuple[DataNote, ...] = ()


def labels_from_table(
    table: ImageTable,
    *,
    paths: Sequence[str],
    folder_labels: Mapping[str, str],
    column: str | None = None,
    groups: str | None = None,
) -> TableLabels:
    """Take what a table says about classes and sides, as far as the folders do not say it.

    Folders are classes when there are at least two of them, unless the person names a column, or the table
    names all images and its classes lie mixed in the folders. Images outside of all class folders get the
    class that a column called label or the like gives them.

    Args:
        table: With the images.
        paths: Of all images.
        folder_labels: The class of each image by its folder.
        column: The column with the classes, where the person named it.
        groups: The column of the groups, where the person named it.

    Raises:
        UserError: There is no column of this name.
    """
    source = label_source(table, column=column, groups=groups)
    few = len(set(folder_labels.values())) < 2
    side = side_column(table)
    sides = given_sides(table, side) if side is not None else {}
    divided = [_divided(table, side, sides)] if side is not None else []
    if source is None:
        unclear = [_unclear(table, groups)] if few and table.matches.rows else []
        return TableLabels(sides=sides, notes=(*unclear, *divided))
    given = source.labels(table)
    if given and (column is not None or few or _outweighs(source, given, paths, folder_labels)):
        notes = [
            _taken(table, source, given, paths, is_chosen=column is not None),
            *divided,
            *_unmatched(table, source, paths),
        ]
        return TableLabels(labels=given, sides=sides, replaces_folders=True, notes=tuple(notes))
    if not source.is_named:
        return TableLabels(sides=sides, notes=tuple(divided))
    added = {path: name for path, name in given.items() if path not in folder_labels}
    notes = [*_contradiction(table, source, given, folder_labels), *divided]
    if added:
        notes += [_taken(table, source, added, paths), *_unmatched(table, source, ())]
    return TableLabels(labels=added, sides=sides, notes=tuple(notes))


def _outweighs(
    source: LabelSource, given: Mapping[str, str], paths: Sequence[str], folders: Mapping[str, str]
) -> bool:
    """Return whether a table that was surely meant gives nearly all images other classes than the folders."""
    if not source.is_named or len(given) < COVERED * len(paths):
        return False
    if {same_name(name) for name in given.values()} & {same_name(name) for name in folders.values()}:
        return False
    inside: dict[str, set[str]] = defaultdict(set)
    for path, folder in folders.items():
        if path in given:
            inside[folder].add(given[path])
    return 2 * sum(len(names) > 1 for names in inside.values()) >= len(inside)


def _unclear(table: ImageTable, groups: str | None) -> DataNote:
    others = [column for column in table.others if column != groups]
    if not table.others:
        return DataNote(
            code="which-column",
            message=f"{table.path} has only one column, with the names of the images, so it gives no class.",
            mend="Add a column “label” with the class of each image.",
            is_warning=True,
        )
    return DataNote(
        code="which-column",
        message=f"{table.path} names the images, but none of its columns is clearly their class"
        + (f" ({listed(others, most=12)})." if others else "."),
        mend="If one of them is, call that column “label”.",
        is_warning=True,
    )


def _taken(
    table: ImageTable,
    source: LabelSource,
    labels: Mapping[str, str],
    paths: Sequence[str],
    *,
    is_chosen: bool = False,
) -> DataNote:
    columns = "column" if len(source.columns) == 1 else "columns"
    message = (
        f"{table.path} gives {len(labels)} of {count(len(paths), 'image')} their class: {columns} "
        f"{listed([f'“{name}”' for name in source.columns])}, by the names in “{table.image_column}”."
    )
    mend = "" if is_chosen else "If another column gives the class, call that column “label”."
    return DataNote(code="table", message=message, mend=mend)


def _divided(table: ImageTable, column: str, sides: Mapping[str, SplitName]) -> DataNote:
    counted = Counter(sides.values())
    counts = [f"{counted[side]} {side}" for side in SPLIT_NAMES if side in counted]
    message = f"The column “{column}” of {table.path} divides the images: {listed(counts)}."
    return DataNote(code="table-division", message=message)


def _unmatched(table: ImageTable, source: LabelSource, paths: Sequence[str]) -> list[DataNote]:
    """Notes about rows without a file, names that fit several, rows that contradict, files without a row."""
    found = unmatched_rows(table)
    contradicting = table.contradicting(source.columns[0]) if len(source.columns) == 1 else []
    if contradicting:
        found.append(
            _counted_note(
                "contradicting-rows",
                contradicting,
                one=f"image has rows with different classes in {table.path} and is not used",
                several=f"images have rows with different classes in {table.path} and are not used",
                mend="Keep the row with the right class.",
            )
        )
    without = sorted(set(paths) - table.matches.rows.keys())
    if without:
        found.append(
            _counted_note(
                "files-without-row",
                without,
                one=f"image has no row in {table.path}, and so no class",
                several=f"images have no row in {table.path}, and so no class",
                mend="Add rows for them, or label them in the app.",
            )
        )
    return found


def faults_of_table(table: ImageTable) -> list[DataNote]:
    """Notes about a table itself: several columns of one name, a quotation mark that is never closed."""
    notes = [
        DataNote(
            code="repeated-column",
            message=f"Several columns of {table.path} are called “{column}”; the first of them is used.",
            mend="Give the others another name; if one of them is meant, rename the first.",
            is_warning=True,
        )
        for column in table.table.repeated
    ]
    if (line := table.table.unclosed_line) is not None:
        notes.append(
            DataNote(
                code="unclosed-quote",
                message=f"A quotation mark in line {line} of {table.path} is never closed, so all that "
                "follows is taken for one entry.",
                mend="Close it or delete it.",
                is_warning=True,
            )
        )
    return notes


def unmatched_rows(table: ImageTable) -> list[DataNote]:
    """Notes about names in a table that fit no image, or several."""
    notes = []
    if table.matches.missing:
        notes.append(
            _counted_note(
                "rows-without-file",
                table.matches.missing,
                one=f"name in {table.path} fits no usable image",
                several=f"names in {table.path} fit no usable image",
                mend="Check how they are written, and whether the files are there and can be read.",
            )
        )
    if table.matches.ambiguous:
        notes.append(
            _counted_note(
                "ambiguous-rows",
                list(table.matches.ambiguous),
                one=f"name in {table.path} fits several images and is not used",
                several=f"names in {table.path} fit several images each and are not used",
                mend="Write them with their folder, as in folder/name.jpg.",
            )
        )
    return notes


def _counted_note(code: str, names: Sequence[str], *, one: str, several: str, mend: str) -> DataNote:
    """A warning about names: their number stands before the sentence, the first of them are listed."""
    first = f" (the first {MOST_NAMED} are listed)" if len(names) > MOST_NAMED else ""
    return DataNote(
        code=code,
        message=f"{count(len(names), one, plural=several)}{first}.",
        mend=mend,
        paths=tuple(names[:MOST_NAMED]),
        is_warning=True,
    )


def _contradiction(
    table: ImageTable, source: LabelSource, given: Mapping[str, str], folders: Mapping[str, str]
) -> list[DataNote]:
    """A note about images whose folder is one of the table's classes, but not the one of their row."""
    known = {same_name(name) for name in given.values()}
    other = sorted(
        path
        for path, folder in folders.items()
        if path in given and same_name(folder) in known and same_name(given[path]) != same_name(folder)
    )
    if not other:
        return []
    note = _counted_note(
        "table-and-folder-differ",
        other,
        one=f"image lies in another folder than its class in {table.path}; the folder counts",
        several=f"images lie in another folder than their class in {table.path}; the folder counts",
        mend="Correct one of the two.",
    )
    return [note]
