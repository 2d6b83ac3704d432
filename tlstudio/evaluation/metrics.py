"""The figures of a set of predictions, with their n and their interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.types import Interval
from tlstudio.evaluation.calibration import expected_calibration_error
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.predictions import Predictions

SMALLEST_PROBABILITY = 1e-15
"""A log loss stays finite; as in scikit-learn before its 1.5, and about float64's own rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMetrics:
    """How one class fares.

    Attributes:
        class_name: The class.
        precision: Share of the images called so that are so; None when no image was called so and none is so.
        recall: Share of its images that were found; None when it has none.
        f1: Harmonic mean of the two; None when it has no image.
        n: Its images.
    """

    class_name: str
    precision: float | None
    recall: float | None
    f1: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """All figures of one split. Averages over classes leave out classes that have no image in it.

    Attributes:
        accuracy: Share of right answers; None without images, as are the figures below.
        interval: Wilson 95 %.
        n: Labelled images.
        macro_f1: Mean F1 over the classes present.
        balanced_accuracy: Mean recall over the classes present.
        ece: Expected calibration error, 15 equal-width bins.
        log_loss: Mean of -ln(probability of the true class).
        confusion: [true][predicted] counts, K × K.
        classes: K names.
        per_class: One per class, in order.
        notes: What to know when reading the figures, e.g. classes left out of the averages.
    """

    accuracy: float | None
    interval: Interval | None
    n: int
    macro_f1: float | None
    balanced_accuracy: float | None
    ece: float | None
    log_loss: float | None
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[str, ...]
    per_class: tuple[ClassMetrics, ...]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Exactly the keys of `tlstudio evaluate --json`."""
        return {
            "accuracy": self.accuracy,
            "interval": [self.interval.low, self.interval.high] if self.interval else None,
            "n": self.n,
            "macro_f1": self.macro_f1,
            "balanced_accuracy": self.balanced_accuracy,
            "ece": self.ece,
            "confusion": [list(row) for row in self.confusion],
            "classes": list(self.classes),
            "per_class": [
                {
                    "class": part.class_name,
                    "precision": part.precision,
                    "recall": part.recall,
                    "f1": part.f1,
                    "n": part.n,
                }
                for part in self.per_class
            ],
        }


def confusion_matrix(
    true: NDArray[np.int64], predicted: NDArray[np.int64], *, classes_count: int
) -> NDArray[np.int64]:
    """Counts [K, K] of images of true class i predicted as j."""
    flat = np.bincount(true * classes_count + predicted, minlength=classes_count * classes_count)
    return flat.reshape(classes_count, classes_count).astype(np.int64)


def compute_metrics(predictions: Predictions) -> Metrics:
    """All figures of a set of predictions; unlabelled images are left out.

    Args:
        predictions: N images, K classes.

    Returns:
        The figures; those that need images are None when there are none.
    """
    part = predictions.labelled()
    classes, n = part.classes, len(part.paths)
    predicted = part.predicted_indices
    confusion = confusion_matrix(part.true_indices, predicted, classes_count=len(classes))
    per_class = tuple(_class_metrics(name, confusion, index) for index, name in enumerate(classes))
    present = [entry for entry in per_class if entry.n]
    absent = [entry.class_name for entry in per_class if not entry.n]
    notes: tuple[str, ...] = ()
    if n and absent:
        names = ", ".join(absent)
        notes = (f"No image of {names} here: left out of macro F1 and balanced accuracy.",)
    right = predicted == part.true_indices
    of_true = part.probabilities[np.arange(n), part.true_indices]
    return Metrics(
        accuracy=float(right.mean()) if n else None,
        interval=wilson(int(right.sum()), n) if n else None,
        n=n,
        macro_f1=float(np.mean([entry.f1 or 0.0 for entry in present])) if n else None,
        balanced_accuracy=float(np.mean([entry.recall or 0.0 for entry in present])) if n else None,
        ece=expected_calibration_error(part.confidence, right) if n else None,
        log_loss=float(-np.log(np.maximum(of_true, SMALLEST_PROBABILITY)).mean()) if n else None,
        confusion=tuple(tuple(int(value) for value in row) for row in confusion),
        classes=classes,
        per_class=per_class,
        notes=notes,
    )


def _class_metrics(name: str, confusion: NDArray[np.int64], index: int) -> ClassMetrics:
    right = int(confusion[index, index])
    n, called = int(confusion[index].sum()), int(confusion[:, index].sum())
    return ClassMetrics(
        class_name=name,
        precision=right / called if called else 0.0 if n else None,
        recall=right / n if n else None,
        f1=2 * right / (n + called) if n else None,
        n=n,
    )
