"""Predictions of a classifier for a set of images, in memory and as `predictions.csv`.

The columns of the file: `split`, `path`, `true_class` (empty when unlabelled), `predicted_class`, then one
`P(class)` per class, in the order of the classifier's outputs.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.errors import UserError
from tlstudio.core.files import atomic_path
from tlstudio.core.tables import TableError, open_rows, open_to_write, write_rows
from tlstudio.core.typed_values import read_classes

FIXED_COLUMNS = ("split", "path", "true_class", "predicted_class")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """Probabilities for N images and K classes.

    Attributes:
        paths: N paths, as in the dataset.
        classes: K class names, in the order of the classifier's outputs.
        probabilities: float64 [N, K], rows sum to 1.
        true_indices: int64 [N], index of the label, -1 where unlabelled.
    """

    paths: tuple[str, ...]
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]
    true_indices: NDArray[np.int64]

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

    def labelled(self) -> Predictions:
        """The predictions for images that have a label."""
        keep = self.true_indices >= 0
        return Predictions(
            paths=tuple(path for path, kept in zip(self.paths, keep, strict=True) if kept),
            classes=self.classes,
            probabilities=self.probabilities[keep],
            true_indices=self.true_indices[keep],
        )


def write_predictions_csv(path: Path, splits: Mapping[str, Predictions]) -> None:
    """Write the predictions of one classifier; the file is replaced only when all are written.

    Args:
        path: The file.
        splits: Split name to its predictions; all with the same classes.

    Raises:
        ValueError: The splits differ in their classes.
    """
    classes = next((part.classes for part in splits.values()), ())
    for split, part in splits.items():
        if part.classes != classes:
            raise ValueError(f"split {split!r} has other classes")
    with atomic_path(path) as temporary, open_to_write(temporary) as file:
        write_rows(file, [[*FIXED_COLUMNS, *(f"P({name})" for name in classes)]])
        for split, part in splits.items():
            write_rows(file, _rows(split, part))


def _rows(split: str, part: Predictions) -> Iterator[list[str]]:
    classes = part.classes
    rows = zip(part.paths, part.true_indices, part.predicted_indices, part.probabilities, strict=True)
    for image, true, predicted, probabilities in rows:
        label = classes[true] if true >= 0 else ""
        yield [split, image, label, classes[predicted], *map(repr, probabilities.tolist())]


class _SplitRows:
    """Collects the rows of one split while they are read, eight bytes per number."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.labels = array("q")
        self.values = array("d")


def read_predictions_csv(path: Path) -> dict[str, Predictions]:
    """Read what `write_predictions_csv` wrote; splits without images are left out.

    Raises:
        UserError: The file is missing or damaged.
    """
    try:
        with open_rows(path) as rows:
            header = next(rows, [])
            if tuple(header[: len(FIXED_COLUMNS)]) != FIXED_COLUMNS:
                raise ValueError("no header")
            classes = read_classes([column[2:-1] for column in header[len(FIXED_COLUMNS) :]])
            index = {name: number for number, name in enumerate(classes)}
            parts: dict[str, _SplitRows] = {}
            for row in rows:
                part = parts.setdefault(row[0], _SplitRows())
                part.paths.append(row[1])
                part.labels.append(index[row[2]] if row[2] else -1)
                part.values.extend(map(float, row[len(FIXED_COLUMNS) :]))
        for part in parts.values():
            values = np.frombuffer(part.values, dtype=np.float64)
            if not ((values >= 0) & (values <= 1)).all():
                raise ValueError("a probability that is none")
            if len(set(part.paths)) < len(part.paths):
                raise ValueError("an image that is there twice")
        return {
            split: Predictions(
                paths=tuple(part.paths),
                classes=classes,
                probabilities=np.frombuffer(part.values, dtype=np.float64).reshape(len(part.paths), -1),
                true_indices=np.frombuffer(part.labels, dtype=np.int64),
            )
            for split, part in parts.items()
        }
    except FileNotFoundError as error:
        raise UserError(
            f"{path} is not there.", mend="Give the folder of a finished run, or resume the training."
        ) from error
    except (ValueError, KeyError, IndexError, TableError) as error:
        raise UserError(
            f"{path} is damaged.",
            mend="It is made again when the training is resumed.",
        ) from error
