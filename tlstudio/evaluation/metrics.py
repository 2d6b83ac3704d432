"""Metrics of a set of predictions, with their n and their interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.dataset import DEFAULT_COLUMN
from tlstudio.evaluation.calibration import expected_calibration_error
from tlstudio.evaluation.evaluation import (
    SMALLEST_PROBABILITY,
    ColumnEvaluation,
    Evaluation,
    Subset,
)
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.metric_values import ClassMetrics, Metrics
from tlstudio.evaluation.predictions import Predictions


def confusion_matrix(
    true: NDArray[np.int64], predicted: NDArray[np.int64], *, classes_count: int
) -> NDArray[np.int64]:
    """Counts [K, K] of images of true class i predicted as j."""
    flat = np.bincount(true * classes_count + predicted, minlength=classes_count * classes_count)
    return flat.reshape(classes_count, classes_count).astype(np.int64)


def evaluate_predictions(predictions: Predictions, *, subset: Subset) -> Evaluation:
    """Evaluate the predictions of a classifier with one label column.

    Args:
        predictions: N images, K classes.
        subset: Which images these are.
    """
    column = ColumnEvaluation(metrics=compute_metrics(predictions), predictions=predictions)
    return Evaluation(subset=subset, columns={DEFAULT_COLUMN: column})


def compute_metrics(predictions: Predictions) -> Metrics:
    """Compute all metrics of a set of predictions; unlabelled images are left out.

    Args:
        predictions: N images, K classes.

    Returns:
        The metrics; those that need images are None when there are none.
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
