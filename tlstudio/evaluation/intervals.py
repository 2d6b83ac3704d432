"""Intervals that say how far a figure from few images can be trusted."""

from __future__ import annotations

from math import sqrt

from tlstudio.core.types import Interval

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


def wilson(correct: int, n: int) -> Interval:
    """The Wilson 95 % score interval of a fraction (Wilson 1927, J. Am. Stat. Assoc. 22:209).

    Unlike the textbook interval it keeps its promise for few images and near 0 and 1.

    Args:
        correct: How many were right, 0 … n.
        n: Out of how many.

    Returns:
        Fractions; 0 … 1 when nothing was counted.

    Raises:
        ValueError: `correct` is not within 0 … n.
    """
    if not 0 <= correct <= n:
        raise ValueError(f"{correct} right out of {n}")
    if n == 0:
        return Interval(low=0.0, high=1.0)
    fraction, z2 = correct / n, Z95 * Z95
    centre = (fraction + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * sqrt(fraction * (1 - fraction) / n + z2 / (4 * n * n))
    # At the ends the formula gives 0 and 1 up to rounding; the exact value is the honest one.
    low = 0.0 if correct == 0 else max(0.0, centre - half)
    high = 1.0 if correct == n else min(1.0, centre + half)
    return Interval(low=low, high=high)
