"""Further label columns of a table beside the images: each is one more property with classes of its own."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tlstudio.core.errors import UserError
from tlstudio.core.wording import count
from tlstudio.data.naming import listed, natural_key
from tlstudio.data.tables.columns import LabelSource, comma_words, group_column, side_column
from tlstudio.data.tables.image_table import ImageTable

TABLE_MEND = (
    "Put a table labels.csv beside the images: a column “image” with their names, and one for each property."
)

MOST_SHOWN = 6
"""Classes that a column's title names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherColumn:
    """A column of the table that gives images a class of another kind.

    Attributes:
        name: As in the table.
        labels: The class of each image that has one, by path.
    """

    name: str
    labels: Mapping[str, str]

    @property
    def classes(self) -> tuple[str, ...]:
        """Its classes in order."""
        return tuple(sorted(set(self.labels.values()), key=natural_key))

    @property
    def title(self) -> str:
        """Its name with its classes and their numbers of images, e.g. "health (ill 20, well 30)"."""
        number = Counter(self.labels.values())
        shown = [f"{name} {number[name]}" for name in self.classes[:MOST_SHOWN]]
        more = len(self.classes) - len(shown)
        return f"{self.name} ({', '.join(shown)}{f' and {more} more' if more else ''})"


def names_of(text: str) -> tuple[str, ...]:
    """The names in a text that lists them with commas between; a name with a comma stands in quotes."""
    rows = list(csv.reader([text.replace("\n", " ")], skipinitialspace=True))
    return tuple(name.strip() for row in rows for name in row if name.strip())


def text_of(names: Sequence[str]) -> str:
    """The text that `names_of` reads."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(names)
    return text.getvalue()


def further_columns(
    names: Sequence[str], *, table: ImageTable | None, labels: Mapping[str, str]
) -> tuple[FurtherColumn, ...]:
    """Read further label columns.

    Args:
        names: Of the columns, in any capitals.
        table: The table that speaks of the images; None without one.
        labels: The class of each image in the first column, by path.

    Raises:
        UserError: There is no such column, it is named twice, or it cannot be learned.
    """
    found: list[FurtherColumn] = []
    for name in names:
        if table is None:
            raise UserError(
                f"There is no table beside the images that has a column “{name}”.", mend=TABLE_MEND
            )
        column = table.find_column(name)
        if column is None:
            raise UserError(
                f"{table.path} has no column “{name}” for the classes of images.",
                mend=f"Its columns are {listed(table.others, most=12)}. Name one of them."
                + comma_words(table),
            )
        if column in [one.name for one in found]:
            raise UserError(f"The column “{column}” is named twice.", mend="Name each column once.")
        one = _read(table, column)
        if _says_the_same(one, labels):
            raise UserError(
                f"The column “{column}” says the same as the classes that are learned already.",
                mend="Name a further column besides, in which images have classes of another kind.",
            )
        if problem := _problem(one):
            raise UserError(problem, mend="Choose a column in which many images share each class.")
        found.append(one)
    return tuple(found)


def offered_columns(table: ImageTable | None, *, labels: Mapping[str, str]) -> tuple[FurtherColumn, ...]:
    """The columns of a table that could be learned besides the first one.

    Args:
        table: The table that speaks of the images; None without one.
        labels: The class of each image in the first column, by path.
    """
    if table is None:
        return ()
    special = {side_column(table), group_column(table)}
    columns = [_read(table, name) for name in table.others if name not in special]
    return tuple(column for column in columns if not (_problem(column) or _says_the_same(column, labels)))


def label_column(table: ImageTable, name: str) -> Mapping[str, str]:
    """The entry of each image in a column; images whose rows contradict each other have none.

    Args:
        table: The table that speaks of the images.
        name: Of one of its columns.
    """
    return LabelSource(columns=(name,), is_named=True).labels(table)


def _read(table: ImageTable, name: str) -> FurtherColumn:
    return FurtherColumn(name=name, labels=label_column(table, name))


def _problem(column: FurtherColumn) -> str:
    """Say why the entries of a column are no classes; empty when they are."""
    different = len(set(column.labels.values()))
    if different < 2:
        classes = count(different, "class", plural="classes")
        return f"The column “{column.name}” has {classes}, and two are needed."
    if 2 * different > len(column.labels):
        return (
            f"The column “{column.name}” is different for almost every image ({different} values for "
            f"{count(len(column.labels), 'image')}), so its values are no classes."
        )
    return ""


def _says_the_same(column: FurtherColumn, labels: Mapping[str, str]) -> bool:
    """Return whether each class of a column is one of the first column, under whatever name."""
    both = [(labels[path], name) for path, name in column.labels.items() if path in labels]
    of_first, of_second = ({pair[side] for pair in both} for side in (0, 1))
    is_usual = 2 * len(both) >= len(column.labels)  # few images with both labels would tell nothing
    return is_usual and len(set(both)) == len(of_first) == len(of_second)
