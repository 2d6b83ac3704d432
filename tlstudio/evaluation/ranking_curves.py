"""Curves of each class against all others at every threshold: ROC and precision–recall curves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import exp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.evaluation.intervals import Z95
from tlstudio.evaluation.metric_values import FEWEST_FOR_A_RATE
from tlstudio.evaluation.predictions import Predictions

MOST_POINTS = 200
"""Points of a curve that is drawn or stored; more cannot be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingCurve:
    """A curve of one class against all others.

    Attributes:
        class_name: The class.
        n: Images of the class.
        others: Images of the other classes.
        area: Below the curve: 1 is perfect; None of fewer than ten images of the class, or of the others.
        low: Of its 95 % interval.
        high: Of its 95 % interval.
        points: (x, y) of the curve, thinned out.
    """

    class_name: str
    n: int
    others: int
    area: float | None = None
    low: float = 0.0
    high: float = 1.0
    points: tuple[tuple[float, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, as the views take them."""
        return asdict(self)


def roc_curves(predictions: Predictions) -> tuple[RankingCurve, ...]:
    """Share of the class that is found against share of the others taken for it, for each class.

    The area is the chance that an image of the class gets a higher probability of it than one of the others;
    its interval is that of Hanley and McNeil (1982, Radiology 143:29).

    Args:
        predictions: Images without a label do not count.
    """
    return tuple(_roc(name, *_ranked(predictions, label)) for label, name in enumerate(predictions.classes))


def precision_recall_curves(predictions: Predictions) -> tuple[RankingCurve, ...]:
    """Share of the answers that are right against share of the class that is found, for each class.

    The area is the average precision; its interval is the logit one of Boyd et al. (2013, ECML PKDD).

    Args:
        predictions: Images without a label do not count.
    """
    return tuple(
        _precision_recall(name, *_ranked(predictions, label))
        for label, name in enumerate(predictions.classes)
    )


def _ranked(predictions: Predictions, label: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Images of the class, and of the others, among those at least as probable as each threshold, falling."""
    part = predictions.labelled()
    scores, is_class = part.probabilities[:, label], part.true_indices == label
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(is_class[order])
    others = np.arange(1, len(order) + 1) - found
    # Equal probabilities share a threshold.
    last = np.append(np.diff(scores[order]) != 0, True)[: len(order)]
    return found[last].astype(np.int64), others[last].astype(np.int64)


def _roc(name: str, found: NDArray[np.int64], others: NDArray[np.int64]) -> RankingCurve:
    n, rest = (int(part[-1]) if len(part) else 0 for part in (found, others))
    if min(n, rest) < FEWEST_FOR_A_RATE:
        return RankingCurve(class_name=name, n=n, others=rest)
    x, y = (np.concatenate([[0], part]) / part[-1] for part in (others, found))
    area = float(np.trapezoid(y, x))
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (n - 1) * (one - area**2) + (rest - 1) * (two - area**2)) / (n * rest)
    half = Z95 * sqrt(max(0.0, variance))
    return RankingCurve(
        class_name=name,
        n=n,
        others=rest,
        area=area,
        low=max(0.0, area - half),
        high=min(1.0, area + half),
        points=_thinned(x, y),
    )


def _precision_recall(name: str, found: NDArray[np.int64], others: NDArray[np.int64]) -> RankingCurve:
    n, rest = (int(part[-1]) if len(part) else 0 for part in (found, others))
    if min(n, rest) < FEWEST_FOR_A_RATE:
        return RankingCurve(class_name=name, n=n, others=rest)
    recall, precision = found / n, found / (found + others)
    area = float(np.sum(np.diff(recall, prepend=0) * precision))
    # A perfect one is not certain to be so among more images.
    safe = min(max(area, 0.5 / n), 1 - 0.5 / n)
    middle, half = log(safe / (1 - safe)), Z95 / sqrt(n * safe * (1 - safe))
    return RankingCurve(
        class_name=name,
        n=n,
        others=rest,
        area=area,
        low=min(area, 1 / (1 + exp(half - middle))),
        high=max(area, 1 / (1 + exp(-half - middle))),
        points=_thinned(np.concatenate([[0], recall]), np.concatenate([precision[:1], precision])),
    )


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    rows = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).round().astype(int))
    return tuple(zip(x[rows].tolist(), y[rows].tolist(), strict=True))
