"""Confidence intervals of fractions, and the test of a difference between two classifiers."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from tlstudio.core.types import Interval

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

USUAL_CORRELATION, USUAL_WEIGHT = 0.3, 3
"""Correlation of the answers within a group where the images show none, and the mistakes it counts as."""


def wilson(correct: int, n: int) -> Interval:
    """The Wilson 95 % score interval of a fraction (Wilson 1927, J. Am. Stat. Assoc. 22:209).

    Unlike the normal approximation it covers about 95 % for few images and near 0 and 1 too.

    Args:
        correct: Number of correct predictions, 0 … n.
        n: Number of predictions.

    Returns:
        Fractions; 0 … 1 for n = 0.

    Raises:
        ValueError: `correct` is not within 0 … n.
    """
    if not 0 <= correct <= n:
        raise ValueError(f"{correct} right out of {n}")
    return _score_interval(correct / n, n) if n else Interval(low=0.0, high=1.0)


def _score_interval(fraction: float, n: float, *, z: float = Z95) -> Interval:
    z2 = z * z
    centre = (fraction + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(fraction * (1 - fraction) / n + z2 / (4 * n * n))
    # At the ends the formula gives 0 and 1 only up to rounding.
    low = 0.0 if fraction == 0 else max(0.0, centre - half)
    high = 1.0 if fraction == 1 else min(1.0, centre + half)
    return Interval(low=low, high=high)


def wilson_of_groups(correct: Sequence[int], sizes: Sequence[int]) -> Interval:
    """The 95 % interval of a fraction of images that come in groups, such as those of one patient.

    The answers within a group are alike, so that n images tell less than n. The interval is Wilson's for the
    number of images that would tell as much: n / (1 + (m - 1) r), where m is the mean size of the group of an
    image and r the correlation within groups, estimated from how far the groups differ (the design effect;
    Kish 1965, Survey Sampling) and drawn to a usual value where there are few mistakes to estimate it from.
    Student's t for the number of groups takes the place of the normal quantile.

    A bootstrap over groups gives too narrow intervals for the few groups of a small test set: in
    `tests/benchmarks/coverage.py` (accuracies 0.6 to 0.98, 20 to 200 images in groups of 2 to 10, correlation
    0.1 to 0.6) it covers 81 % in the mean and 13 % in the worst case, and this 97 % and 91 %.

    Args:
        correct: Number of correct predictions in each group.
        sizes: Number of images of each group, at least 1.

    Returns:
        Fractions; 0 … 1 for fewer than two groups.

    Raises:
        ValueError: A number of correct predictions is not within 0 … the size of its group.
    """
    if not all(0 <= right <= size for right, size in zip(correct, sizes, strict=True)):
        raise ValueError("more right than there are")
    count, n, right = len(sizes), sum(sizes), sum(correct)
    if count == n:
        return wilson(right, n)
    if count < 2:
        return Interval(low=0.0, high=1.0)
    from scipy.special import stdtrit  # the window starts without it

    fraction = right / n
    spread = sum((own - fraction * size) ** 2 for own, size in zip(correct, sizes, strict=True))
    variance = spread * count / (count - 1) / n**2
    group_of_image = sum(size * size for size in sizes) / n
    mistakes = min(right, n - right, count)
    correlation = 0.0
    if mistakes:
        correlation = (variance * n / (fraction * (1 - fraction)) - 1) / (group_of_image - 1)
    correlation = (correlation * mistakes + USUAL_CORRELATION * USUAL_WEIGHT) / (mistakes + USUAL_WEIGHT)
    worth = n / (1 + (group_of_image - 1) * min(1.0, max(0.0, correlation)))
    return _score_interval(fraction, worth, z=float(stdtrit(count - 1, 0.975)))


def paired_difference(won: int, lost: int, n: int) -> Interval:
    """The 95 % interval of the difference of two accuracies on the same images.

    The adjusted Wald interval of Agresti and Min (2005, Stat. Med. 24:729), which adds half an image to each
    of the four cases and so covers about 95 % for few images too.

    Args:
        won: Images that only the second predicted correctly.
        lost: Images that only the first predicted correctly.
        n: All images.

    Returns:
        Of "second minus first", as fractions from -1 to 1; the whole range for n = 0.

    Raises:
        ValueError: There are more differing images than images.
    """
    if min(won, lost) < 0 or won + lost > n:
        raise ValueError(f"{won} won and {lost} lost of {n}")
    if n == 0:
        return Interval(low=-1.0, high=1.0)
    adjusted, differing = n + 2, won + lost + 1
    centre = (won - lost) / adjusted
    half = Z95 * sqrt(differing - (won - lost) ** 2 / adjusted) / adjusted
    return Interval(low=max(-1.0, centre - half), high=min(1.0, centre + half))


def mcnemar_p(won: int, lost: int) -> float:
    """The exact two-sided p-value of McNemar's test (McNemar 1947, Psychometrika 12:153).

    Where two classifiers differ, each is right equally often if neither is better: the p-value is the chance
    of a division at least as uneven as the one seen.

    Args:
        won: Images that only the second predicted correctly.
        lost: Images that only the first predicted correctly.

    Returns:
        A probability; 1 where they never differ.

    Raises:
        ValueError: A count is negative.
    """
    if min(won, lost) < 0:
        raise ValueError(f"{won} won and {lost} lost")
    differing, term, tail = won + lost, 1, 0
    # Whole numbers throughout: powers of two beyond the range of floats come with a few thousand images.
    for right in range(min(won, lost) + 1):
        tail += term
        term = term * (differing - right) // (right + 1)
    return min(1.0, 2 * tail / (1 << differing))


def within_chance(first: float, second: float, *, n: int) -> bool:
    """Return whether chance explains the difference of two accuracies on the same images.

    Which images differ is not known here, so they are compared as if drawn apart, which says "chance" a
    little too often.

    Args:
        first: Fraction.
        second: Fraction.
        n: Number of images behind each.
    """
    mean = (first + second) / 2
    return bool(abs(first - second) <= Z95 * (2 * mean * (1 - mean) / max(n, 1)) ** 0.5)
