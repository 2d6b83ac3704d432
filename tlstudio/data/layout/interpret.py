"""Gives images their classes, sides and groups, by their folders and the tables beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tlstudio.core.dataset import DataNote, Image, LayoutChoice, labels_of
from tlstudio.core.errors import UserError
from tlstudio.data.layout.notes import layout_notes
from tlstudio.data.layout.recognise import Layout, recognise_layout
from tlstudio.data.naming import class_names, natural_key
from tlstudio.data.tables.columns import group_column
from tlstudio.data.tables.groups import find_grouping, refuse_unfit
from tlstudio.data.tables.image_table import ImageTable, find_image_table, open_image_table
from tlstudio.data.tables.matching import ImageNames
from tlstudio.data.tables.table_labels import TableLabels, faults_of_table, labels_from_table, unmatched_rows
from tlstudio.data.walk import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class HowToRead:
    """Settings for how folders and tables are understood.

    Attributes:
        layout: What folders mean; see `LayoutChoice`.
        label_column: The column of the table that gives the classes; None to find out.
        needs_column: Whether it is an error when there is no such column; else it is then as with None.
        groups: Column of the table, or a regular expression on the path, that names the groups.
        groups_partial: Whether images may be without a group.
        groups_lenient: Groups that do not fit are a note instead of an error, so that the images can be seen.
        table: A table that was given instead of a folder, relative to the root; None to look for one.
    """

    layout: LayoutChoice = "auto"
    label_column: str | None = None
    needs_column: bool = True
    groups: str | None = None
    groups_partial: bool = False
    groups_lenient: bool = False
    table: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreted:
    """Images with what folders and tables say about them.

    Attributes:
        images: With classes, sides and groups, in the order given.
        classes: In natural order.
        empty_classes: Folders that would be classes, but hold no usable image.
        notes: What was taken, and what did not fit.
        tables: Files that were used as tables.
    """

    images: list[Image]
    classes: list[str]
    empty_classes: list[str]
    notes: list[DataNote]
    tables: tuple[str, ...] = ()


def interpret(root: Path, images: Sequence[Image], *, found: Found, how: HowToRead) -> Interpreted:
    """Give images their classes, sides and groups.

    Args:
        root: Folder of the images.
        images: All usable images.
        found: All files and folders below the root.
        how: How folders and tables are understood.

    Raises:
        UserError: A column or the groups that were asked for do not fit.
    """
    paths = [image.path for image in images]
    layout = recognise_layout(paths, choice=how.layout)
    names = class_names(layout.class_folders(found.folders))
    folder_labels = {
        path: names[folder] for path in paths if (folder := layout.meaning(path).class_folder) is not None
    }
    table, notes = _table(root, paths, found=found, how=how, base=layout.base)
    says = TableLabels()
    if not how.needs_column and not (how.label_column and table and table.find_column(how.label_column)):
        how = replace(how, label_column=None)
    if table is not None and (how.layout == "auto" or how.label_column is not None):
        says = labels_from_table(
            table,
            paths=paths,
            folder_labels={} if how.table is not None else folder_labels,
            column=how.label_column,
            groups=table.find_column(how.groups) if how.groups else None,
        )
    if how.label_column is not None and table is None:
        raise UserError(
            f"There is no column “{how.label_column}”: no table names the images in {root}.",
            mend="Put a labels.csv with a column “image” beside the images.",
        )
    labels = _one_form({**({} if says.replaces_folders else folder_labels), **says.labels})
    labelled = [
        replace(
            image,
            labels=labels_of(labels.get(image.path)),
            given_split=layout.meaning(image.path).side or says.sides.get(image.path),
        )
        for image in images
    ]
    grouped, group_notes = _grouped(labelled, table=table, how=how)
    used = set(labels.values())
    unused = _unused_rows(table) if table is not None and not says.labels else []
    faults = faults_of_table(table) if table is not None else []
    notes = [
        *_about_folders(layout, labelled, how, says),
        *notes,
        *faults,
        *says.notes,
        *unused,
        *group_notes,
    ]
    folders_used = not says.replaces_folders
    return Interpreted(
        images=grouped,
        classes=sorted(used, key=natural_key),
        empty_classes=sorted(set(names.values()) - used, key=natural_key) if folders_used else [],
        notes=list(dict.fromkeys(notes)),
        tables=(table.path,) if table is not None and (says.labels or table.matches.rows) else (),
    )


def _table(
    root: Path, paths: Sequence[str], *, found: Found, how: HowToRead, base: str
) -> tuple[ImageTable | None, list[DataNote]]:
    names = ImageNames(paths)
    if how.table is None:
        parts = base.split("/") if base else []
        around = {"/".join(parts[:length]) for length in range(len(parts) + 1)}
        if how.layout != "auto":
            around = {""}
        return find_image_table(root, found.files, names=names, folders=around)
    table = open_image_table(root, how.table, names=names)
    if table is None or not table.matches.rows:
        for fault in faults_of_table(table) if table is not None else ():
            if fault.code == "unclosed-quote":
                raise UserError(fault.message, mend=fault.mend)
        raise UserError(
            f"{how.table} names no image that is there.",
            mend="It needs a column “image” with the images' paths, beginning at the table's own folder.",
        )
    return table, []


def _unused_rows(table: ImageTable) -> list[DataNote]:
    """Explain why a table that speaks of images gives none of them a class, for the person who made it."""
    if table.matches.rows:
        return [note for note in unmatched_rows(table) if note.code == "ambiguous-rows"]
    if notes := unmatched_rows(table):
        return notes
    note = DataNote(
        code="table-not-used",
        message=f"{table.path} has no row that names an image.",
        mend="Add a row for each image, or take the table out of the folder.",
        paths=(table.path,),
        is_warning=True,
    )
    return [note]


def _about_folders(
    layout: Layout, images: Sequence[Image], how: HowToRead, says: TableLabels
) -> list[DataNote]:
    notes = layout_notes(layout, images, choice=how.layout)
    if says.replaces_folders:  # then only a division by folders still counts
        return [note for note in notes if note.code == "division"]
    return notes


def _one_form(labels: dict[str, str]) -> dict[str, str]:
    """Merge labels that differ only in how accents are encoded."""
    names = class_names(set(labels.values()))
    return {path: names[name] for path, name in labels.items()}


def _grouped(
    images: list[Image], *, table: ImageTable | None, how: HowToRead
) -> tuple[list[Image], list[DataNote]]:
    """Give the images their groups: those asked for, or those of a column “group” in the table."""
    rule = how.groups
    if not rule and table is not None and how.layout == "auto":
        rule = group_column(table) if table.matches.rows else None
    if not rule:
        return images, []
    try:
        grouping = find_grouping((image.path for image in images), groups=rule, table=table)
        if how.groups and not how.groups_lenient:
            refuse_unfit(grouping, partial=how.groups_partial)
    except UserError as error:
        if not how.groups_lenient:
            raise
        return images, [DataNote(code="groups", message=str(error.what), mend=error.mend, is_warning=True)]
    is_doubtful = bool(grouping.without) or grouping.is_one or grouping.are_single
    note = DataNote(
        code="groups",
        message=grouping.describe(),
        mend="Complete the table or correct the pattern, if they belong together." if is_doubtful else "",
        paths=grouping.without,
        is_warning=is_doubtful,
    )
    if grouping.is_one:
        return images, [note]
    by_column = table is not None and table.find_column(rule) is not None
    unmatched = unmatched_rows(table) if by_column and table is not None else []
    return [replace(image, group=grouping.of_path.get(image.path)) for image in images], [note, *unmatched]
