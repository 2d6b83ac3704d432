"""Compares the confidence of a classifier with its accuracy: is "80 % sure" right 80 % of the time?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15
"""Equal-width bins of confidence from 0 to 1."""


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
    """

    bins: tuple[CalibrationBin, ...] = ()
    ece: float | None = None

    @property
    def overconfidence(self) -> float | None:
        """Mean confidence minus accuracy, -1 … 1: above 0 the classifier is more sure than it should be.

        None when there are no predictions.
        """
        n = sum(part.n for part in self.bins)
        return sum(part.n * (part.confidence - part.accuracy) for part in self.bins) / n if n else None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"bins": [asdict(part) for part in self.bins], "ece": self.ece}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Calibration:
        """Read what `as_json` wrote.

        Raises:
            TypeError: The values are damaged.
        """
        return cls(
            bins=tuple(CalibrationBin(**part) for part in values.get("bins") or ()), ece=values.get("ece")
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
    index = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
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
    """Mean gap between confidence and accuracy over 15 equal-width bins (Guo et al. 2017, arXiv:1706.04599).

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
