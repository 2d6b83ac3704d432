"""A dataset: its sources, its label columns, and its images.

One `Dataset` goes from the scan through checks and splits to training, for the window and the command line
alike.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tlstudio.core.types import ProblemFile, SplitName
from tlstudio.core.values import ValueSummary

DEFAULT_SOURCE = "images"
"""Id of the source of a data set that has only one."""

DEFAULT_COLUMN = "label"
"""Name of the label column of a data set that has only one."""

SourceRole = Literal["labelled", "unlabelled"]
ColumnKind = Literal["classes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A folder of images.

    Attributes:
        id: Unique in the data set.
        root: Absolute path of the folder; image paths are relative to it.
        role: Whether the labels of its images are used.
    """

    id: str = DEFAULT_SOURCE
    root: Path
    role: SourceRole = "labelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelColumn:
    """A property that is labelled, such as the species or the health of a plant.

    Attributes:
        name: Unique in the data set.
        kind: What a label is; "classes": exactly one of `classes`.
        classes: Class names in order; the index of a class everywhere.
    """

    name: str = DEFAULT_COLUMN
    kind: ColumnKind = "classes"
    classes: tuple[str, ...] = ()


@functools.cache
def shared_labels(pairs: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Labels by column, made from pairs of column and class.

    Equal labels share one mapping, so that images stay small; it must never be changed.
    """
    return dict(pairs)


def labels_of(class_name: str | None, *, column: str = DEFAULT_COLUMN) -> Mapping[str, str]:
    """The labels of an image with one class in one column, or without any label."""
    return shared_labels(((column, class_name),) if class_name is not None else ())


LayoutChoice = Literal["auto", "top", "deepest", "none"]
"""The ways to interpret folders. "auto" recognises wrappers, divisions, places and tables of labels; "top":
each folder directly below the root is a class; "deepest": the folder that an image lies in is its class;
"none": folders and tables give no classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataNote:
    """A note on how folders and tables were interpreted, or on what does not fit in them.

    Attributes:
        code: Short constant for the kind of note, e.g. "division", "rows-without-file".
        message: One or two plain sentences: what was taken, with numbers.
        mend: What to do if that is not meant; empty where nothing is to be done.
        paths: Images, or names in a table, that it concerns; of very many only the first.
        is_warning: Whether something is probably wrong, not only worth knowing.
        choices: Other ways to understand the folders, which the person may prefer.
        groups: A pattern for groups that the folders suggest; empty when they suggest none.
    """

    code: str
    message: str
    mend: str = ""
    paths: tuple[str, ...] = ()
    is_warning: bool = False
    choices: tuple[LayoutChoice, ...] = ()
    groups: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One usable image.

    Attributes:
        path: Relative to the root of its source, with `/` between the parts.
        sha256: Of the file's bytes, 64 hex digits.
        labels: Class name by column; a column without a label is missing. Use `labels_of` or
            `shared_labels`: images with equal labels share one mapping.
        group: Images of one group stay on one side of a split; None is a group of its own.
        near: Name of its cluster of near-duplicates, which stay on one side, too; None where it has none.
        width: In pixels, after the EXIF turn.
        height: In pixels, after the EXIF turn.
        notes: Conversions that were made when it was decoded, e.g. "turned by EXIF", "CMYK converted".
        source: Id of its source.
        values: Summary of its values, where it has more than 8 bits, channels of its own, or one colour only.
        given_split: Its side in a division that the folders or a table give; None where nothing is given.
        called_right: Whether a person said that its label is right although other images speak against it.
    """

    path: str
    sha256: str
    labels: Mapping[str, str] = field(default_factory=lambda: labels_of(None), hash=False)
    group: str | None = None
    width: int = 0
    height: int = 0
    notes: tuple[str, ...] = ()
    source: str = DEFAULT_SOURCE
    values: ValueSummary | None = None
    given_split: SplitName | None = None
    near: str | None = None
    called_right: bool = False

    def label(self, column: str = DEFAULT_COLUMN) -> str | None:
        """The class in a column, None while unlabelled."""
        return self.labels.get(column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Images with their labels; every file found is in `images` or `problems`, or counted in `hidden_files`.

    Attributes:
        sources: At least one; the first is labelled.
        columns: At least one.
        images: Sorted by path within each source.
        problems: Files that cannot be used, sorted by path.
        empty_classes: Class folders, or classes of a project, without a usable image; not in any column.
        hidden_files: How many hidden files (names that start with a dot, Thumbs.db…) were skipped.
        notes: What was made of folders and tables.
    """

    sources: tuple[Source, ...]
    columns: tuple[LabelColumn, ...]
    images: tuple[Image, ...]
    problems: tuple[ProblemFile, ...] = ()
    empty_classes: tuple[str, ...] = ()
    hidden_files: int = 0
    notes: tuple[DataNote, ...] = ()

    @classmethod
    def of_folder(
        cls,
        root: Path,
        *,
        images: Iterable[Image],
        classes: Iterable[str],
        problems: Iterable[ProblemFile] = (),
        empty_classes: Iterable[str] = (),
        hidden_files: int = 0,
        notes: Iterable[DataNote] = (),
    ) -> Dataset:
        """The data set of one labelled folder with one label column."""
        return cls(
            sources=(Source(root=root),),
            columns=(LabelColumn(classes=tuple(classes)),),
            images=tuple(images),
            problems=tuple(problems),
            empty_classes=tuple(empty_classes),
            hidden_files=hidden_files,
            notes=tuple(notes),
        )

    @property
    def root(self) -> Path:
        """The folder of the first source."""
        return self.sources[0].root

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the first column."""
        return self.columns[0].classes

    def column(self, name: str | None = None) -> LabelColumn:
        """A label column by its name; without a name the first one.

        Raises:
            KeyError: There is none of this name.
        """
        if name is None:
            return self.columns[0]
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def labelled(self, column: str | None = None) -> list[Image]:
        """The images that have a label in a column (the first one when none is named), in order."""
        name = self.column(column).name
        return [image for image in self.images if name in image.labels]

    def by_class(self, column: str | None = None) -> dict[str, list[Image]]:
        """The labelled images of each class of a column, in the order of the classes."""
        chosen = self.column(column)
        found: dict[str, list[Image]] = {class_name: [] for class_name in chosen.classes}
        for image in self.images:
            class_name = image.labels.get(chosen.name)
            if class_name is not None:
                found[class_name].append(image)
        return found
