"""The bootstrap interval of a mean, such as the mean loss of images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tlstudio.core.types import Interval

DRAWS = 1000
MOST_BOOTSTRAPPED = 5000
"""Values up to which samples are drawn; the mean of more is normally distributed."""
BLOCK = 1_000_000
"""Numbers drawn at once."""
TAILS = (0.025, 0.975)


def mean_interval(values: NDArray[np.float64]) -> Interval | None:
    """The 95 % interval of the mean of values that are not negative.

    The studentised bootstrap (Efron and Tibshirani 1993, An Introduction to the Bootstrap, section 12.5):
    losses are skewed, and with few images the plain percentiles of a bootstrap cover less. In
    `tests/benchmarks/coverage.py` this covers 94 % of the true means over all cases, and least (72 %) where
    20 images are about 98 % right, of which most sets show no mistake at all. The same values give the same
    interval.

    Args:
        values: [N].

    Returns:
        In the unit of the values and not above the largest; None for fewer than two.
    """
    n = len(values)
    if n < 2:
        return None
    mean, error = float(values.mean()), float(values.std(ddof=1)) / n**0.5
    low, high = _studentised(values, mean) if n <= MOST_BOOTSTRAPPED else (-1.96, 1.96)
    largest = min(float(values.max()), mean - low * error)
    # Rounding may lift the mean of equal values above them.
    return Interval(low=min(largest, max(0.0, mean - high * error)), high=largest)


def _studentised(values: NDArray[np.float64], mean: float) -> tuple[float, float]:
    """The lowest and highest distance of a sample's mean from the mean, in the sample's standard errors."""
    n, random, parts = len(values), np.random.default_rng(0), []
    at_once = max(1, BLOCK // n)
    for start in range(0, DRAWS, at_once):
        sample = values[random.integers(0, n, size=(min(at_once, DRAWS - start), n))]
        error = sample.std(axis=1, ddof=1) / n**0.5
        parts.append((sample.mean(axis=1) - mean) / np.maximum(error, 1e-9))
    low, high = np.quantile(np.concatenate(parts), TAILS)
    return float(low), float(high)
