"""Metrics of a set of predictions, with their n and their interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.dataset import DEFAULT_COLUMN
from tlstudio.core.types import Interval
from tlstudio.evaluation.bootstrap import mean_interval
from tlstudio.evaluation.calibration import calibrated_limit, expected_calibration_error
from tlstudio.evaluation.evaluation import (
    SMALLEST_PROBABILITY,
    ColumnEvaluation,
    Evaluation,
    Subset,
)
from tlstudio.evaluation.intervals import wilson, wilson_of_groups
from tlstudio.evaluation.metric_values import ClassMetrics, Metrics
from tlstudio.evaluation.predictions import Predictions


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The few metrics that are computed after every epoch.

    Attributes:
        n: Number of images.
        accuracy: Share of correct predictions, None without images.
        log_loss: Mean of -ln(probability of the true class), None without images.
        interval: Wilson 95 % interval of the accuracy.
        confusion: Counts [true][predicted], K × K; empty when nothing was scored.
    """

    n: int = 0
    accuracy: float | None = None
    log_loss: float | None = None
    interval: Interval | None = None
    confusion: tuple[tuple[int, ...], ...] = ()


def score_predictions(
    true: NDArray[np.int64],
    predicted: NDArray[np.int64],
    *,
    losses: NDArray[np.float64],
    classes_count: int,
) -> Score:
    """Accuracy with its interval, log loss and confusion matrix.

    Args:
        true: Indices of the labels [N].
        predicted: Indices of the most probable classes [N].
        losses: -ln of the probability of each true class [N].
        classes_count: K.
    """
    score = _score_confusion(confusion_matrix(true, predicted, classes_count=classes_count))
    return replace(score, log_loss=float(losses.mean())) if score.n else score


def _score_confusion(confusion: NDArray[np.int64]) -> Score:
    """Accuracy with its interval from counts [K, K]; the log loss is None."""
    n, correct = int(confusion.sum()), int(np.trace(confusion))
    return Score(
        n=n,
        accuracy=correct / n if n else None,
        interval=wilson(correct, n) if n else None,
        confusion=tuple(map(tuple, confusion.tolist())),
    )


def confusion_matrix(
    true: NDArray[np.int64], predicted: NDArray[np.int64], *, classes_count: int
) -> NDArray[np.int64]:
    """Counts [K, K] of images of true class i predicted as j."""
    flat = np.bincount(true * classes_count + predicted, minlength=classes_count * classes_count)
    return flat.reshape(classes_count, classes_count).astype(np.int64)


def evaluate_predictions(
    predictions: Predictions,
    *,
    subset: Subset,
    column: str = DEFAULT_COLUMN,
    group_of: Sequence[int] | None = None,
) -> Evaluation:
    """Evaluate the predictions of a classifier, in each of its label columns.

    Args:
        predictions: N images, K classes, and those in further columns.
        subset: Which images these are.
        column: Name of the first label column.
        group_of: Number of the group of each image [N]; None where each is a group of its own.
    """
    return Evaluation(
        subset=subset,
        columns={
            name: ColumnEvaluation(metrics=compute_metrics(part, group_of=group_of), predictions=part)
            for name, part in {column: predictions, **predictions.further}.items()
        },
    )


def compute_metrics(predictions: Predictions, *, group_of: Sequence[int] | None = None) -> Metrics:
    """Compute all metrics of a set of predictions; unlabelled images are left out.

    Args:
        predictions: N images, K classes.
        group_of: Number of the group of each image [N]; None where each is a group of its own.

    Returns:
        The metrics; those that need images are None when there are none.
    """
    part = predictions.labelled()
    predicted = part.predicted_indices
    confusion = confusion_matrix(part.true_indices, predicted, classes_count=len(part.classes))
    metrics = metrics_of_confusion(confusion, classes=part.classes)
    if group_of is not None and metrics.n:
        own = np.array(group_of)[predictions.true_indices >= 0]
        metrics = _of_groups(metrics, own, predicted == part.true_indices)
    return with_confidence(metrics, part)


def _of_groups(metrics: Metrics, group_of: NDArray[np.int64], correct: NDArray[np.bool_]) -> Metrics:
    """The metrics with the interval of images in groups, where any group has more than one."""
    _, number = np.unique(group_of, return_inverse=True)
    sizes = np.bincount(number)
    if len(sizes) == len(number):
        return metrics
    right = np.bincount(number, weights=correct).astype(np.int64)
    return replace(metrics, groups=len(sizes), interval=wilson_of_groups(right.tolist(), sizes.tolist()))


def with_confidence(metrics: Metrics, predictions: Predictions) -> Metrics:
    """The metrics with what the probabilities tell: calibration error, Brier score and log loss.

    Args:
        metrics: Of the labelled images among these.
        predictions: Unlabelled images are left out.
    """
    part = predictions.labelled()
    if not len(part.paths):
        return metrics
    of_true = part.probabilities[np.arange(len(part.paths)), part.true_indices]
    losses = -np.log(np.maximum(of_true, SMALLEST_PROBABILITY))
    squares = np.maximum((part.probabilities**2).sum(axis=1) - 2 * of_true + 1, 0.0)
    return replace(
        metrics,
        ece=expected_calibration_error(part.confidence, part.predicted_indices == part.true_indices),
        ece_limit=calibrated_limit(part.confidence),
        brier=float(squares.mean()),
        brier_interval=mean_interval(squares),
        log_loss=float(losses.mean()),
        log_loss_interval=mean_interval(losses),
    )


def metrics_of_confusion(confusion: NDArray[np.int64], *, classes: tuple[str, ...]) -> Metrics:
    """Compute the metrics that need no probabilities; those of `with_confidence` are None.

    Args:
        confusion: Counts [K, K] of images of true class i predicted as j.
        classes: K names.
    """
    score = _score_confusion(confusion)
    per_class = tuple(_class_metrics(name, confusion, index) for index, name in enumerate(classes))
    return Metrics(
        accuracy=score.accuracy,
        interval=score.interval,
        n=score.n,
        macro_f1=_mean(entry.f1 for entry in per_class),
        balanced_accuracy=_mean(entry.recall for entry in per_class),
        confusion=score.confusion,
        classes=classes,
        per_class=per_class,
        notes=_notes(per_class),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    """Mean over the classes that have images; None when no class has any."""
    present = [value for value in values if value is not None]
    return float(np.mean(present)) if present else None


def _notes(per_class: Sequence[ClassMetrics]) -> tuple[str, ...]:
    absent = [entry.class_name for entry in per_class if not entry.n]
    if not absent or len(absent) == len(per_class):
        return ()
    return (f"No image of {', '.join(absent)} here: left out of macro F1 and balanced accuracy.",)


def _class_metrics(name: str, confusion: NDArray[np.int64], index: int) -> ClassMetrics:
    correct = int(confusion[index, index])
    n, predicted = int(confusion[index].sum()), int(confusion[:, index].sum())
    return ClassMetrics(
        class_name=name,
        precision=correct / predicted if predicted else 0.0 if n else None,
        recall=correct / n if n else None,
        f1=2 * correct / (n + predicted) if n else None,
        n=n,
    )
