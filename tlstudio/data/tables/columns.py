"""The columns of a table of images: which gives the classes, the sides of a division, the groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tlstudio.core.errors import UserError
from tlstudio.core.types import SplitName
from tlstudio.data.layout.sides import find_division
from tlstudio.data.tables.image_table import ImageTable, plain_name

# The first of these that a table has gives the classes; names come before numbers that stand for them.
_LABEL_COLUMNS = (
    *("classname", "labelname", "class", "label", "classes", "labels", "classlabel", "category"),
    *("categories", "species", "target", "groundtruth", "diagnosis", "breed", "tag"),
)
_SIDE_COLUMNS = frozenset({"split", "set", "subset", "partition", "part", "usage", "phase", "splitname"})
_GROUP_COLUMNS = ("group", "groups", "groupid")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSource:
    """The columns of a table that give the classes.

    Attributes:
        columns: One column of class names, or one column of zeros and ones for each class.
        is_named: Whether the column is called label, class or the like, so that it was surely meant.
    """

    columns: tuple[str, ...]
    is_named: bool

    def labels(self, table: ImageTable) -> dict[str, str]:
        """The class of each image that has one; images whose rows contradict each other have none."""
        if len(self.columns) == 1:
            (column,) = self.columns
            doubtful = set(table.contradicting(column))
            return {path: name for path, name in table.values(column).items() if path not in doubtful}
        found: dict[str, str] = {}
        for column in self.columns:
            found |= {path: column for path, entry in table.values(column).items() if _number(entry) == 1}
        return found


def label_source(
    table: ImageTable, *, column: str | None = None, groups: str | None = None
) -> LabelSource | None:
    """Find the columns that give the classes; None when it is not clear which.

    Args:
        table: With the images.
        column: Its name, where the person gave it.
        groups: The column of the groups, which gives no classes.

    Raises:
        UserError: There is no column of this name.
    """
    if column is not None:
        found = table.find_column(column)
        if found is None:
            raise UserError(
                f"{table.path} has no column “{column}” (its columns: {', '.join(table.table.columns)}).",
                mend=f"Name one of them.{comma_words(table)}",
            )
        return LabelSource(columns=(found,), is_named=True)
    by_name = {plain_name(name): name for name in reversed(table.others)}
    named = [by_name[name] for name in _LABEL_COLUMNS if name in by_name]
    if named:
        words = [name for name in named if None in map(_number, table.values(name).values())]
        return LabelSource(columns=((words or named)[0],), is_named=True)
    special = {side_column(table), group_column(table), groups}
    open_columns = [name for name in table.others if name not in special]
    if len(open_columns) == 1 and _could_be_classes(table.values(open_columns[0])):
        return LabelSource(columns=tuple(open_columns), is_named=False)
    if len(open_columns) > 1 and _is_one_of_many(table, open_columns):
        return LabelSource(columns=tuple(open_columns), is_named=False)
    return None


def comma_words(table: ImageTable) -> str:
    """Say how a column is named whose name has a comma, where the table has one; else empty."""
    name = next((one for one in table.table.columns if "," in one), None)
    return f" A name with a comma stands in quotation marks: '\"{name}\"'." if name is not None else ""


def _could_be_classes(labels: Mapping[str, str]) -> bool:
    """Return whether entries repeat, as those of classes do and names, measurements and remarks do not."""
    different = set(labels.values())
    whole = all((number := _number(entry)) is None or number.is_integer() for entry in different)
    return whole and 2 <= len(different) <= max(2, len(labels) // 2)


def side_column(table: ImageTable) -> str | None:
    """The column that divides the images: called split or the like, with nothing but names of sides in it."""
    for column in table.others:
        if plain_name(column) in _SIDE_COLUMNS:
            entries = set(table.values(column).values())
            if entries and entries == set(find_division(entries)):
                return column
    return None


def given_sides(table: ImageTable, column: str) -> dict[str, SplitName]:
    """The side of each image by such a column."""
    entries = table.values(column)
    division = find_division(set(entries.values()))
    return {path: division[entry] for path, entry in entries.items()}


def group_column(table: ImageTable) -> str | None:
    """The column called group; None without one."""
    by_name = {plain_name(name): name for name in reversed(table.others)}
    return next((by_name[name] for name in _GROUP_COLUMNS if name in by_name), None)


def _is_one_of_many(table: ImageTable, columns: Sequence[str]) -> bool:
    """Return whether columns hold zeros and ones, with exactly one 1 in each row."""
    ones: Counter[str] = Counter()
    for column in columns:
        for path, entry in table.values(column).items():
            if _number(entry) not in (0, 1):
                return False
            ones[path] += int(_number(entry) == 1)
    return bool(ones) and all(count == 1 for count in ones.values())


def _number(entry: str) -> float | None:
    try:
        return float(entry.replace(",", "."))
    except ValueError:
        return None
