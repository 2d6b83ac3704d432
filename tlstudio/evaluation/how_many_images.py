"""Numbers of test images that would be enough: to show a difference, and to halve an interval."""

from __future__ import annotations

from math import ceil, sqrt

from tlstudio.evaluation.intervals import Z95, wilson

Z_POWER = 0.8416212335729143
"""The normal quantile of a power of 80 %."""


def images_to_show(won: int, lost: int, n: int) -> int:
    """The number of images on which a difference of this size is shown four times in five.

    For McNemar's test at 5 % with a power of 80 % (Connor 1987, Biometrics 43:207), if the rates seen here
    were the true ones.

    Args:
        won: Images that only the second predicted correctly.
        lost: Images that only the first predicted correctly.
        n: All images.

    Raises:
        ValueError: There is no difference.
    """
    if won == lost:
        raise ValueError("no number of images shows a difference that is none")
    differing, difference = (won + lost) / n, (won - lost) / n
    root = Z95 * sqrt(differing) + Z_POWER * sqrt(differing - difference**2)
    return ceil((root / difference) ** 2)


def images_to_halve(correct: int, n: int) -> int:
    """The number of images on which the interval of an accuracy is half as wide, if it stays the same.

    Args:
        correct: Images that were predicted correctly.
        n: All images, at least one.
    """
    wanted = _width(correct, n, times=1) / 2
    times = 2
    while _width(correct, n, times=times) > wanted:
        times += 1
    # Between two multiples the width hardly bends.
    before, after = _width(correct, n, times=times - 1), _width(correct, n, times=times)
    return ceil(n * (times - (wanted - after) / (before - after)))


def _width(correct: int, n: int, *, times: int) -> float:
    low, high = wilson(times * correct, times * n).pair
    return high - low
