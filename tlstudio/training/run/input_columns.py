"""Reads the further label columns that a strategy learns besides the first one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tlstudio.core.dataset import DEFAULT_COLUMN, Dataset, Image, LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, WarningRaised
from tlstudio.core.types import SplitName
from tlstudio.core.wording import count
from tlstudio.data.layout.table_beside import load_table
from tlstudio.data.naming import listed
from tlstudio.data.tables.further_columns import (
    FurtherColumn,
    further_columns,
    label_column,
    names_of,
)
from tlstudio.data.tables.image_table import ImageTable
from tlstudio.data.units import unit_numbers
from tlstudio.features.images import UNLABELLED, RunImage
from tlstudio.training.run.preparation import Preparation

NAME_OF_FOLDERS = "folder"
"""Name of the first column where a further one has the usual name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedColumns:
    """The label columns of a run with several.

    Attributes:
        first: Name of the first column.
        further: The further columns.
        images: The images of each side of the split, with their labels in all columns.
        only_further: Images to learn from that have a label in further columns alone.
    """

    first: str
    further: tuple[LabelColumn, ...]
    images: Mapping[SplitName, tuple[RunImage, ...]]
    only_further: tuple[RunImage, ...]

    @property
    def values(self) -> dict[str, str]:
        """All labels of all images in the further columns, by path."""
        images = [*(image for part in self.images.values() for image in part), *self.only_further]
        return {image.path: repr(self._labels(image)) for image in sorted(images, key=lambda one: one.path)}

    def _labels(self, image: RunImage) -> list[str | None]:
        return [
            column.classes[label] if label >= 0 else None
            for column, label in zip(self.further, image.further, strict=True)
        ]


def read_input_columns(
    names: str, *, dataset: Dataset, preparation: Preparation, run_id: str, emit: Emit
) -> LearnedColumns:
    """Read the labels of all images in further columns of the table beside them.

    A class that no image to learn from has is left out. Images without a label in the first column are
    learned from as well, unless they belong together with an image that is kept for checking or testing.

    Args:
        names: Of the columns, with commas between.
        dataset: The images.
        preparation: Of the run.
        run_id: Written into events.
        emit: Receives warnings about what is left out.

    Raises:
        UserError: A column cannot be learned.
    """
    if preparation.recipe.freeze == "auto":
        raise UserError(
            "The freeze line can be chosen for you only with one label column.",
            mend="Name the first stage that trains, or freeze all but the head.",
        )
    paths = [image.path for image in dataset.images]
    table = load_table(dataset.root, paths)
    column = dataset.column().name
    first_labels = {image.path: image.labels[column] for image in dataset.images if column in image.labels}
    columns = further_columns(names_of(names), table=table, labels=first_labels)
    if not columns:
        raise UserError("No further label column is named.", mend="Name at least one column of the table.")
    groups = preparation.recipe.split.groups
    if groups and table is not None and table.find_column(groups) in [one.name for one in columns]:
        raise UserError(
            f"The column “{groups}” is to be learned and also keeps images together (groups): all images of "
            "a class would lie on one side of the split.",
            mend="Leave out the groups, or take another column for them.",
        )
    others = [image for image in dataset.images if image.path not in first_labels]
    sides = {name: list(images) for name, images in preparation.images.items()}
    more, apart = _only_further(others, columns, sides=sides, dataset=dataset)
    if apart:
        images = count(len(apart), "image is", plural="images are")
        message = (
            f"{images} not learned from: each belongs together with an image that is kept for checking or "
            "testing."
        )
        emit(WarningRaised(run_id=run_id, code="related-to-kept", message=message, paths=apart))
    learned = [image.path for image in (*sides["train"], *more)]
    further = [_taught(one, learned, run_id=run_id, emit=emit) for one in columns]
    _note(further, columns, more=len(more), run_id=run_id, emit=emit)
    labels = [
        {path: own.classes.index(name) for path, name in read.labels.items() if name in own.classes}
        for own, read in zip(further, columns, strict=True)
    ]

    def labelled(image: RunImage) -> RunImage:
        return replace(image, further=tuple(of_path.get(image.path, UNLABELLED) for of_path in labels))

    return LearnedColumns(
        first=_first_name(
            preparation.recipe.label_column, table, first_labels, taken=[one.name for one in columns]
        ),
        further=tuple(further),
        images={name: tuple(map(labelled, images)) for name, images in sides.items()},
        only_further=tuple(map(labelled, more)),
    )


def _only_further(
    others: Sequence[Image],
    columns: Sequence[FurtherColumn],
    *,
    sides: Mapping[SplitName, Sequence[RunImage]],
    dataset: Dataset,
) -> tuple[list[RunImage], tuple[str, ...]]:
    """Images with a label in further columns alone: those to learn from, and the paths of those left out."""
    images = [
        RunImage(
            path=image.path,
            file=dataset.root / image.path,
            sha256=image.sha256,
            label=UNLABELLED,
            group=image.group,
            near=image.near,
        )
        for image in others
        if any(image.path in column.labels for column in columns)
    ]
    kept = [*sides["validation"], *sides["test"]]
    units = unit_numbers([*kept, *images])
    of_kept, own = set(units[: len(kept)]), units[len(kept) :]
    apart = tuple(image.path for image, unit in zip(images, own, strict=True) if unit in of_kept)
    return [image for image in images if image.path not in set(apart)], apart


def _taught(column: FurtherColumn, learned: Iterable[str], *, run_id: str, emit: Emit) -> LabelColumn:
    """The column with those of its classes that images to learn from have."""
    taught = {column.labels[path] for path in learned if path in column.labels}
    classes = tuple(name for name in column.classes if name in taught)
    if len(classes) < 2:
        only = f"only “{classes[0]}”" if classes else "none"
        raise UserError(
            f"At least two classes of the column “{column.name}” need images to learn from; {only} has any.",
            mend="Fill in the column for more images, or choose another one.",
        )
    untaught = [name for name in column.classes if name not in taught]
    if untaught:
        paths = tuple(sorted(path for path, name in column.labels.items() if name in untaught))
        message = (
            f"“{column.name}”: {listed(untaught)} cannot be learned, because no image to learn from has it; "
            f"{count(len(paths), 'image counts', plural='images count')} as without a label there."
        )
        emit(WarningRaised(run_id=run_id, code="class-not-taught", message=message, paths=paths))
    return LabelColumn(name=column.name, classes=classes)


def _note(
    further: Sequence[LabelColumn], columns: Sequence[FurtherColumn], *, more: int, run_id: str, emit: Emit
) -> None:
    parts = []
    for column, read in zip(further, columns, strict=True):
        number = Counter(read.labels.values())
        classes = listed([f"{name} {number[name]}" for name in column.classes], most=12)
        parts.append(f"“{column.name}” ({classes})")
    message = f"Further label columns are learned: {listed(parts)}."
    if more:
        has = count(more, "image has", plural="images have")
        message += f" {has} a label there alone, and {'is' if more == 1 else 'are'} learned from as well."
    emit(WarningRaised(run_id=run_id, code="further-columns", message=message, severity="note"))


def _first_name(
    given: str | None, table: ImageTable | None, labels: Mapping[str, str], *, taken: Collection[str]
) -> str:
    """The name of the first column: that of the table which was named, or which mostly says the same."""
    name = table.find_column(given) if table is not None and given else None
    if name is None and table is not None:
        free = [one for one in table.others if one not in taken]
        same = {one: len(label_column(table, one).items() & labels.items()) for one in free}
        name = next((one for one in free if 2 * same[one] > len(labels)), None)
    if name is not None:
        return name
    return NAME_OF_FOLDERS if DEFAULT_COLUMN in [one.casefold() for one in taken] else DEFAULT_COLUMN
