"""Whether "80 % sure" is right 80 % of the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15
"""Equal-width bins of confidence from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Images whose confidence lies in (low, high].

    Attributes:
        low: Confidence, excluded (except 0).
        high: Confidence, included.
        n: Images in the bin.
        confidence: Their mean confidence, 0 when there are none.
        accuracy: Share of them that is right, 0 when there are none.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def calibration_bins(
    confidence: NDArray[np.float64], correct: NDArray[np.bool_], *, bins: int = ECE_BINS
) -> tuple[CalibrationBin, ...]:
    """Sort images into equal-width bins by the probability of their predicted class.

    Args:
        confidence: Probability of the predicted class [N], 0 … 1.
        correct: Whether the prediction is right [N].
        bins: How many.

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
        correct: Whether the prediction is right [N].

    Returns:
        0 (what it says is how often it is right) … 1; 0 when there are no images.
    """
    n = len(confidence)
    if n == 0:
        return 0.0
    bins = calibration_bins(confidence, correct)
    return sum(part.n * abs(part.confidence - part.accuracy) for part in bins) / n
