"""Compares the confidence of a classifier with its accuracy: is "80 % sure" right 80 % of the time?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 10
"""Equal-width bins of confidence from 0 to 1."""
DRAWS = 1000
"""Sets of answers that are drawn for the error that chance alone makes."""
BLOCK = 1_000_000
"""Numbers drawn at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """The images whose confidence lies in (low, high].

    Attributes:
        low: Lowest confidence, excluded (except 0).
        high: Highest confidence, included.
        n: Number of images in the bin.
        confidence: Mean confidence of these images, 0 when there are none.
        accuracy: Share of these images with a correct prediction, 0 when there are none.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Confidence against accuracy of a set of images; what the view "reliability" draws.

    Attributes:
        bins: From low to high confidence; none when there are no predictions.
        ece: Expected calibration error, None when it is not known.
        limit: The error that chance alone makes at most, see `calibrated_limit`; None when it is not known.
    """

    bins: tuple[CalibrationBin, ...] = ()
    ece: float | None = None
    limit: float | None = None

    @property
    def overconfidence(self) -> float | None:
        """Mean confidence minus accuracy, -1 … 1: above 0 the classifier is more sure than it should be.

        None when there are no predictions.
        """
        n = sum(part.n for part in self.bins)
        return sum(part.n * (part.confidence - part.accuracy) for part in self.bins) / n if n else None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"bins": [asdict(part) for part in self.bins], "ece": self.ece, "limit": self.limit}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Calibration:
        """Read what `as_json` wrote.

        Raises:
            TypeError: The values are damaged.
        """
        return cls(
            bins=tuple(CalibrationBin(**part) for part in values.get("bins") or ()),
            ece=values.get("ece"),
            limit=values.get("limit"),
        )


def calibration_bins(
    confidence: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = ECE_BINS
) -> tuple[CalibrationBin, ...]:
    """Sort images into equal-width bins by the probability of their predicted class.

    Args:
        confidence: Probability of the predicted class [N], 0 … 1.
        correct: Whether the prediction is correct [N].
        bins: Number of bins.

    Returns:
        All bins from low to high, empty ones included.
    """
    index = _bin_of(confidence, bins)
    counts = np.bincount(index, minlength=bins)
    shares = np.maximum(counts, 1)
    confidences = np.bincount(index, weights=confidence, minlength=bins) / shares
    accuracies = np.bincount(index, weights=correct.astype(np.float64), minlength=bins) / shares
    return tuple(
        CalibrationBin(
            low=number / bins,
            high=(number + 1) / bins,
            n=int(counts[number]),
            confidence=float(confidences[number]),
            accuracy=float(accuracies[number]),
        )
        for number in range(bins)
    )


def expected_calibration_error(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """Mean gap between confidence and accuracy over ten equal-width bins (Guo et al. 2017, arXiv:1706.04599).

    Args:
        confidence: Probability of the predicted class [N].
        correct: Whether the prediction is correct [N].

    Returns:
        0 (confidence equals accuracy in every bin) … 1; 0 when there are no images.
    """
    n = len(confidence)
    if n == 0:
        return 0.0
    bins = calibration_bins(confidence, correct)
    return sum(part.n * abs(part.confidence - part.accuracy) for part in bins) / n


def calibrated_limit(confidence: NDArray[np.float64]) -> float:
    """The calibration error that a classifier shows at most whose percentages are all true.

    A few images are never right exactly as often as their percentages say, and each gap counts, whether it is
    above or below: the error of a perfect classifier is not 0 (about 0.13 at 60 images, 0.06 at 300). It is
    drawn by letting each answer be right with its own probability (consistency resampling, Bröcker and Smith
    2007, Weather Forecast. 22:651). The same confidences give the same limit.

    Args:
        confidence: Probability of the predicted class [N].

    Returns:
        The error that 95 of 100 such classifiers stay below with these confidences; 0 without images.
    """
    n = len(confidence)
    if n == 0:
        return 0.0
    ordered = np.sort(confidence)
    _, starts = np.unique(_bin_of(ordered, ECE_BINS), return_index=True)
    random, errors = np.random.default_rng(0), []
    at_once = max(1, BLOCK // n)
    for start in range(0, DRAWS, at_once):
        right = random.random((min(at_once, DRAWS - start), n)) < ordered
        gaps = np.add.reduceat(ordered - right, starts, axis=1)
        errors.append(np.abs(gaps).sum(axis=1) / n)
    return float(np.quantile(np.concatenate(errors), 0.95))


def _bin_of(confidence: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """The bin of each confidence; its upper edge belongs to it."""
    index: NDArray[np.int64] = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return index
