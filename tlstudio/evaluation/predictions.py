"""Predictions of a classifier for a set of images, in memory and as `predictions.csv`.

The columns of the file: `split`, `path`, `true_class` (empty when unlabelled), `predicted_class`, then one
`P(class)` per class, in the order of the classifier's outputs. For each further label column NAME follow
`true_class of NAME`, `predicted_class of NAME` and one `P(NAME: class)` per class.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.dataset import LabelColumn
from tlstudio.core.errors import UserError
from tlstudio.core.files import atomic_path
from tlstudio.core.tables import TableError, open_rows, open_to_write, write_rows
from tlstudio.core.typed_values import read_classes

FIXED_COLUMNS = ("split", "path", "true_class", "predicted_class")
TRUE_OF, PREDICTED_OF = "true_class of ", "predicted_class of "
"""Beginnings of the names of columns before the name of a further label column."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """Probabilities for N images and K classes.

    Attributes:
        paths: N paths, as in the dataset.
        classes: K class names, in the order of the classifier's outputs.
        probabilities: float64 [N, K], rows sum to 1.
        true_indices: int64 [N], index of the label, -1 where unlabelled.
        further: The predictions for the same images in further label columns, by name.
    """

    paths: tuple[str, ...]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]
    true_indices: NDArray[np.int64]
    further: Mapping[str, Predictions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = (len(self.paths), len(self.classes))
        if self.probabilities.shape != shape or self.true_indices.shape != shape[:1]:
            raise ValueError(
                f"{shape[0]} images of {shape[1]} classes, but probabilities {self.probabilities.shape} "
                f"and labels {self.true_indices.shape}"
            )

    @property
    def predicted_indices(self) -> NDArray[np.int64]:
        """Index of the most probable class [N]; the first one where two are equal."""
        if not self.paths:
            return np.zeros(0, dtype=np.int64)
        indices: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return indices

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Probability of the most probable class [N]."""
        if not self.paths:
            return np.zeros(0)
        highest: NDArray[np.float64] = self.probabilities.max(axis=1)
        return highest

    def of_columns(self, names: Sequence[str]) -> dict[str, Predictions]:
        """The predictions in each label column, by name.

        Args:
            names: Of the columns, the first one's before the others; only its own name is taken from there.
        """
        return {names[0]: self, **self.further}

    def labelled(self) -> Predictions:
        """The predictions in the first label column for images that have a label there."""
        return self.where(self.true_indices >= 0)

    def where(self, keep: NDArray[np.bool_]) -> Predictions:
        """The predictions in the first label column for some of the images.

        Args:
            keep: Whether each image is one of them, [N].
        """
        return Predictions(
            paths=tuple(path for path, kept in zip(self.paths, keep, strict=True) if kept),
            classes=self.classes,
            probabilities=self.probabilities[keep],
            true_indices=self.true_indices[keep],
        )


def joined(first: Predictions, second: Predictions) -> Predictions:
    """The predictions for the images of both in the first label column.

    Args:
        first: Of other images than `second`.
        second: With the same classes.
    """
    return Predictions(
        paths=first.paths + second.paths,
        classes=first.classes,
        probabilities=np.concatenate([first.probabilities, second.probabilities]),
        true_indices=np.concatenate([first.true_indices, second.true_indices]),
    )


def write_predictions_csv(path: Path, splits: Mapping[str, Predictions]) -> None:
    """Write the predictions of one classifier; the file is replaced only when all are written.

    Args:
        path: The file.
        splits: Split name to its predictions; all with the same classes and label columns.

    Raises:
        ValueError: The splits differ in them.
    """
    headers = [_header(part) for part in splits.values()]
    for split, header in zip(splits, headers, strict=True):
        if header != headers[0]:
            raise ValueError(f"split {split!r} has other classes")
    with atomic_path(path) as temporary, open_to_write(temporary) as file:
        write_rows(file, headers[:1] or [list(FIXED_COLUMNS)])
        for split, part in splits.items():
            write_rows(file, _rows(split, part))


def _header(part: Predictions) -> list[str]:
    header = [*FIXED_COLUMNS, *(f"P({name})" for name in part.classes)]
    for column, further in part.further.items():
        header += [
            TRUE_OF + column,
            PREDICTED_OF + column,
            *(f"P({column}: {one})" for one in further.classes),
        ]
    return header


def _rows(split: str, part: Predictions) -> Iterator[list[str]]:
    columns = [_cells(one) for one in (part, *part.further.values())]
    for image, *cells in zip(part.paths, *columns, strict=True):
        yield [split, image, *chain.from_iterable(cells)]


def _cells(part: Predictions) -> Iterator[list[str]]:
    """The cells of each image in one label column: its label, the predicted class, and the probabilities."""
    classes = part.classes
    rows = zip(part.true_indices, part.predicted_indices, part.probabilities, strict=True)
    for true, predicted, probabilities in rows:
        label = classes[true] if true >= 0 else ""
        yield [label, classes[predicted], *map(repr, probabilities.tolist())]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """The columns of the file that belong to one label column.

    Attributes:
        name: Of the label column; empty for the first one.
        start: Index of the first of them, which holds the label.
        classes: In the order of the probabilities.
    """

    name: str
    start: int
    classes: tuple[str, ...]


def _blocks(header: Sequence[str]) -> list[_Block]:
    """The blocks of a header.

    Raises:
        ValueError: It is no header of predictions.
    """
    if tuple(header[: len(FIXED_COLUMNS)]) != FIXED_COLUMNS:
        raise ValueError("no header")
    # Columns of probabilities begin with another letter, so no class is taken for the beginning of a block.
    starts = [2, *(place for place, name in enumerate(header) if name.startswith(TRUE_OF))]
    blocks = []
    for start, end in zip(starts, [*starts[1:], len(header)], strict=True):
        name = header[start].removeprefix(TRUE_OF) if start > starts[0] else ""
        before = f"P({name}: " if name else "P("
        if name and header[start + 1] != PREDICTED_OF + name:
            raise ValueError("a label column without predictions")
        classes = read_classes([cell[len(before) : -1] for cell in header[start + 2 : end]])
        blocks.append(_Block(name=name, start=start, classes=classes))
    return blocks


class _ColumnRows:
    """Collects the cells of one label column and split while they are read, eight bytes per number."""

    def __init__(self, block: _Block) -> None:
        self._block = block
        self._index = {name: number for number, name in enumerate(block.classes)}
        self._labels = array("q")
        self._values = array("d")

    def add(self, row: Sequence[str]) -> None:
        """Take the cells of one image."""
        start = self._block.start
        label = row[start]
        self._labels.append(self._index[label] if label else -1)
        values = row[start + 2 : start + 2 + len(self._index)]
        self._values.extend(map(float, values))

    def predictions(self, paths: Sequence[str], *, further: Mapping[str, Predictions]) -> Predictions:
        """The predictions for these images.

        Raises:
            ValueError: A probability is none.
        """
        values = np.frombuffer(self._values, dtype=np.float64)
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError("a probability that is none")
        return Predictions(
            paths=tuple(paths),
            classes=self._block.classes,
            probabilities=values.reshape(len(paths), -1),
            true_indices=np.frombuffer(self._labels, dtype=np.int64),
            further=further,
        )


def read_predictions_csv(path: Path) -> dict[str, Predictions]:
    """Read what `write_predictions_csv` wrote; splits without images are left out.

    Raises:
        UserError: The file is missing or damaged.
    """
    try:
        with open_rows(path) as rows:
            header = next(rows, [])
            blocks = _blocks(header)
            paths: dict[str, list[str]] = {}
            columns: dict[str, list[_ColumnRows]] = {}
            for row in rows:
                if len(row) != len(header):
                    raise ValueError("a row that is cut off")
                paths.setdefault(row[0], []).append(row[1])
                for column in columns.setdefault(row[0], [_ColumnRows(block) for block in blocks]):
                    column.add(row)
        found = {}
        for split, own in paths.items():
            if len(set(own)) < len(own):
                raise ValueError("an image that is there twice")
            first, *others = columns[split]
            names = [block.name for block in blocks[1:]]
            further = {
                name: column.predictions(own, further={}) for name, column in zip(names, others, strict=True)
            }
            found[split] = first.predictions(own, further=further)
        return found
    except FileNotFoundError as error:
        raise UserError(
            f"{path} is not there.", mend="Give the folder of a finished run, or resume the training."
        ) from error
    except (ValueError, KeyError, IndexError, TableError) as error:
        raise UserError(
            f"{path} is damaged.",
            mend="It is made again when the training is resumed.",
        ) from error


def predictions_of_columns(
    paths: Sequence[str],
    *,
    columns: Sequence[LabelColumn],
    probabilities: NDArray[np.float64],
    labels: NDArray[np.int64],
) -> Predictions:
    """The predictions of a classifier of one or several label columns.

    Args:
        paths: Of N images.
        columns: C label columns.
        probabilities: Those of all columns side by side: float64 [N, K].
        labels: int64 [N, C], -1 where an image has no label.
    """
    parts, start = [], 0
    for number, column in enumerate(columns):
        end = start + len(column.classes)
        parts.append(
            Predictions(
                paths=tuple(paths),
                classes=column.classes,
                probabilities=probabilities[:, start:end],
                true_indices=labels[:, number],
            )
        )
        start = end
    further = {column.name: part for column, part in zip(columns[1:], parts[1:], strict=True)}
    return replace(parts[0], further=further)
