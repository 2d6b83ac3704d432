"""The coverage of intervals by simulation: how often each holds the truth, against the 95 % it promises.

Usage: python tests/benchmarks/coverage.py [--draws 10000]

True accuracies 0.6 to 0.98, 20 to 200 images. Prints one line for each interval: its coverage in the mean
over all cases, in the worst and the best case, and its mean width. Takes about five minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tlstudio.core.types import Interval
from tlstudio.evaluation.bootstrap import mean_interval
from tlstudio.evaluation.calibration import calibrated_limit, expected_calibration_error
from tlstudio.evaluation.intervals import paired_difference, wilson, wilson_of_groups

ACCURACIES = (0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
COUNTS = (20, 30, 50, 100, 200)
DIFFERENCES = (0.0, 0.05, 0.1)
GROUP_SIZES = (2, 5, 10)
CORRELATIONS = (0.1, 0.3, 0.6)
FEWEST_GROUPS = 4
CLASSES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The coverage of an interval.

    Attributes:
        name: Of the interval.
        each: Share of the draws in which it held the truth, of each case.
        width: Mean width over all cases.
    """

    name: str
    each: tuple[float, ...]
    width: float

    @property
    def mean(self) -> float:
        """Over all cases."""
        return float(np.mean(self.each))


def of_cases(name: str, cases: Iterable[tuple[float, Iterable[Interval]]]) -> Coverage:
    """The coverage in several cases, each a true value and the intervals of all draws."""
    each, widths = [], []
    for truth, intervals in cases:
        drawn = np.array([interval.pair for interval in intervals])
        each.append(float(((drawn[:, 0] <= truth + 1e-9) & (truth - 1e-9 <= drawn[:, 1])).mean()))
        widths.append(float((drawn[:, 1] - drawn[:, 0]).mean()))
    return Coverage(name=name, each=tuple(each), width=float(np.mean(widths)))


def wilson_coverage(draws: int) -> Coverage:
    """Of the accuracy of images that have nothing to do with each other."""
    random, interval = np.random.default_rng(0), lru_cache(None)(wilson)
    return of_cases(
        "Wilson",
        (
            (accuracy, [interval(int(right), n) for right in random.binomial(n, accuracy, size=draws)])
            for accuracy, n in product(ACCURACIES, COUNTS)
        ),
    )


def paired_coverage(draws: int) -> Coverage:
    """Of the difference of two accuracies on the same images, which err on the same ones more than chance."""
    random, interval = np.random.default_rng(0), lru_cache(None)(paired_difference)

    def cases() -> Iterator[tuple[float, list[Interval]]]:
        for accuracy, difference, n in product(ACCURACIES, DIFFERENCES, COUNTS):
            other = accuracy - difference
            both = accuracy * other + 0.5 * (accuracy * (1 - accuracy) * other * (1 - other)) ** 0.5
            lost, won = other - min(both, other), accuracy - min(both, other)
            drawn = random.multinomial(n, [won, lost, 1 - won - lost], size=draws)
            yield difference, [interval(int(one), int(two), n) for one, two, _ in drawn]

    return of_cases("paired difference", cases())


def group_coverage(draws: int, name: str, interval: Callable[[list[int], list[int]], Interval]) -> Coverage:
    """Of the accuracy of images in groups of one size, whose answers are correlated."""
    random = np.random.default_rng(0)

    def cases() -> Iterator[tuple[float, list[Interval]]]:
        for accuracy, n, size, correlation in product(ACCURACIES, COUNTS, GROUP_SIZES, CORRELATIONS):
            count = n // size
            if count < FEWEST_GROUPS:
                continue
            scale = 1 / correlation - 1
            of_group = random.beta(accuracy * scale, (1 - accuracy) * scale, size=(draws, count))
            # The interval is the same in every order of the groups, so few kinds of draws are different.
            kinds = np.sort(random.binomial(size, of_group), axis=1)
            found, number = np.unique(kinds, axis=0, return_inverse=True)
            intervals = [interval(right, [size] * count) for right in found.tolist()]
            yield accuracy, [intervals[index] for index in number.ravel()]

    return of_cases(name, cases())


def by_group_bootstrap(correct: list[int], sizes: list[int]) -> Interval:
    """The percentiles of a bootstrap over groups: what `wilson_of_groups` takes the place of."""
    count = len(sizes)
    drawn = np.random.default_rng(0).integers(0, count, size=(500, count))
    low, high = np.quantile(
        np.array(correct)[drawn].sum(axis=1) / np.array(sizes)[drawn].sum(axis=1), (0.025, 0.975)
    )
    return Interval(low=float(low), high=float(high))


def calibrated(random: np.random.Generator, accuracy: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Probabilities [*shape, K] of a classifier that is about so accurate."""
    scale = {0.6: 1.7, 0.7: 2.4, 0.8: 3.6, 0.9: 7.5, 0.95: 15.0, 0.98: 40.0}[accuracy]
    scores = random.normal(size=(*shape, CLASSES)) * scale
    exponents = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)


def band_coverage(draws: int, *, counts: Sequence[int] = COUNTS) -> Coverage:
    """Of the calibration error that a classifier whose percentages are true shows at most."""
    random, sets = np.random.default_rng(0), 100

    def cases() -> Iterator[tuple[float, list[Interval]]]:
        for accuracy, n in product(ACCURACIES, counts):
            gaps = []
            for confidence in calibrated(random, accuracy, (sets, n)).max(axis=2):
                limit = calibrated_limit(confidence)
                for _ in range(max(1, draws // sets)):
                    error = expected_calibration_error(confidence, random.random(n) < confidence)
                    gaps.append(Interval(low=error - limit, high=1.0))
            # Held where the error is at most the limit, so where the gap is at most 0.
            yield 0.0, gaps

    found = of_cases("calibration error within its band", cases())
    return Coverage(name=found.name, each=found.each, width=float("nan"))


def loss_coverage(
    draws: int,
    name: str,
    loss: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    counts: Sequence[int] = COUNTS,
) -> Coverage:
    """Of the mean loss of a classifier whose percentages are true.

    Args:
        draws: For each case.
        name: Of the loss.
        loss: Of each class [..., K], if it were the true one, from probabilities [..., K].
        counts: Numbers of images.
    """
    random = np.random.default_rng(0)

    def cases() -> Iterator[tuple[float, list[Interval]]]:
        for accuracy, n in product(ACCURACIES, counts):
            pool = calibrated(random, accuracy, (200_000,))
            truth = float((pool * loss(pool)).sum(axis=1).mean())
            intervals = []
            for _ in range(draws):
                drawn = pool[random.integers(0, len(pool), size=n)]
                true = (random.random((n, 1)) > drawn.cumsum(axis=1)[:, :-1]).sum(axis=1)
                found = mean_interval(loss(drawn)[np.arange(n), true])
                assert found is not None
                intervals.append(found)
            yield truth, intervals

    return of_cases(name, cases())


def brier(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Brier score of each class, if it were the true one."""
    return (probabilities**2).sum(axis=-1, keepdims=True) - 2 * probabilities + 1


def log_loss(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log loss of each class, if it were the true one."""
    return -np.log(np.maximum(probabilities, 1e-15))


def measure(draws: int) -> Iterator[Coverage]:
    """The coverage of every interval; of those that draw samples themselves, by fewer draws."""
    yield wilson_coverage(draws)
    yield paired_coverage(draws)
    yield group_coverage(draws, "groups, as used", wilson_of_groups)
    yield group_coverage(max(1, draws // 50), "groups, bootstrap", by_group_bootstrap)
    yield band_coverage(draws)
    yield loss_coverage(max(1, draws // 20), "Brier score", brier)
    yield loss_coverage(max(1, draws // 20), "log loss", log_loss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--draws", type=int, default=10_000)
    print(f"{'interval':34} {'mean':>7} {'worst':>7} {'best':>7} {'width':>7}  cases")
    for row in measure(parser.parse_args().draws):
        figures = f"{row.mean:7.1%} {min(row.each):7.1%} {max(row.each):7.1%} {row.width:7.3f}"
        print(f"{row.name:34} {figures}  {len(row.each)}", flush=True)


if __name__ == "__main__":
    main()
