"""Reads a learning rate from the curve of a range test, or that it shows none.

Smith, Cyclical learning rates for training neural networks (WACV 2017), takes two rates from it: that at
which things begin to get better, and that at which they begin to get worse. Between them his rate goes up and
down. The rate of a recipe is the peak of one such cycle, so the second is suggested: that of the lowest loss.
Others take the rate at which the loss falls fastest, or a tenth of that of the lowest; both are lower.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tlstudio.training.loop.rate_sweep import RateSweep

SMOOTHED_OVER = 3.0
"""Each point is smoothed by a straight line through those whose rate differs by at most this factor."""
BEGUN = 0.1
"""Share of the whole fall from which on the loss counts as falling, as is usual for rises and falls."""
LEAST_FALL = 0.05
"""Share of the loss of the start by which it must fall: less can hardly be seen."""
BEYOND_CHANCE = 4.0
"""Number of standard errors by which it must fall. Of made curves of chance alone one to three of a hundred
do: the lowest of many points lies far below."""

FARTHEST = 2.0
"""Multiple of the loss of the start up to which a rise is seen."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateJudgement:
    """A reading of the curve.

    Attributes:
        smoothed: The smoothed loss at each rate.
        falls: Rates of the topmost stage between which the loss falls; None where it never clearly does.
        rises_from: Rate from which on the loss stays above that of the start; None where it does not.
    """

    smoothed: tuple[float, ...]
    falls: tuple[float, float] | None = None
    rises_from: float | None = None

    @property
    def suggestion(self) -> float | None:
        """The rate of the lowest loss; None where it never clearly falls."""
        return None if self.falls is None else self.falls[1]


def judge(sweep: RateSweep) -> RateJudgement:
    """Read the curve of a range test."""
    start = sweep.start_loss
    if len(sweep.losses) < 3:  # unstable at the very lowest rates
        return RateJudgement(smoothed=sweep.losses, rises_from=sweep.rates[0] if sweep.rates else None)
    rates = np.log10(np.array(sweep.rates))
    # How far it shoots up says nothing, and would lift the smoothed loss at the rates before.
    losses = np.minimum(np.array(sweep.losses), FARTHEST * start)
    counts = np.array(sweep.counts, dtype=np.float64)
    smoothed, errors = _smooth(rates, losses, counts)
    clear = np.maximum(BEYOND_CHANCE * errors, LEAST_FALL * start)
    lowest = int(smoothed.argmin())
    fall = start - smoothed[lowest]
    above = smoothed > start + clear
    rising = len(above) - int(np.logical_and.accumulate(above[::-1]).sum())
    rises_from = sweep.rates[rising] if rising < len(above) else None
    values = tuple(float(value) for value in smoothed)
    if fall <= clear[lowest]:
        return RateJudgement(smoothed=values, rises_from=rises_from)
    # The point after the last one before it at which hardly anything had fallen.
    not_yet = np.flatnonzero(smoothed[:lowest] > start - BEGUN * fall)
    first = int(not_yet[-1]) + 1 if len(not_yet) else 0
    return RateJudgement(
        smoothed=values, falls=(sweep.rates[first], sweep.rates[lowest]), rises_from=rises_from
    )


def _smooth(rates: Numbers, losses: Numbers, counts: Numbers) -> tuple[Numbers, Numbers]:
    """The smoothed losses, and the standard error of each.

    Args:
        rates: Logarithms of the rates, [N].
        losses: [N].
        counts: Number of images behind each loss, [N]; more weigh more.
    """
    smoother = np.zeros((len(rates), len(rates)))
    for place, rate in enumerate(rates):
        near = np.flatnonzero(np.abs(rates - rate) <= np.log10(SMOOTHED_OVER) + 1e-9)
        columns = np.stack([np.ones(len(near)), rates[near] - rate]) * np.sqrt(counts[near])
        smoother[place, near] = np.linalg.pinv(columns.T)[0] * np.sqrt(counts[near])
    smoothed = smoother @ losses
    # A point's deviation from the line through itself and its neighbours is smaller than its error.
    expected = np.sqrt((np.eye(len(rates)) - smoother) ** 2 @ (1 / counts))
    # Chance grows with the rate, as batches begin to differ from what they were at the start. The median:
    # where the loss bends, a straight line does not fit.
    judged = max(int(smoothed.argmin()) + 1, len(rates) // 2)
    deviations = np.abs(losses - smoothed)[:judged] / np.maximum(expected, 1e-9)[:judged]
    of_one_image = 1.4826 * float(np.median(deviations))
    return smoothed, of_one_image * np.sqrt(smoother**2 @ (1 / counts))
