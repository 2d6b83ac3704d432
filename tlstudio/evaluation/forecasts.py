"""Forecasts of the accuracy with more images, from a learning curve.

The share of errors falls about like a power of the number of images, down to a share that no number of images
removes (Cortes et al. 1994, NeurIPS 6:327; Figueroa et al. 2012, BMC Med. Inform. Decis. Mak. 12:8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BOOTSTRAPS = 1000
FLOORS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95)
"""Shares of the fewest errors that are tried as the share that no number of images removes."""
LOW, HIGH = 2.5, 97.5
"""Percentiles that hold 95 % of the bootstrap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval, as fractions."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A learning curve carried on.

    Attributes:
        measured: Accuracy at each size.
        now: Accuracy expected with all images there are.
        then: Accuracy expected with more.
        gain: What is gained from now to then.
    """

    measured: tuple[Estimate, ...]
    now: Estimate
    then: Estimate
    gain: Estimate


def forecast(
    sizes: Floats, right: Floats, units: NDArray[np.int64], *, now: float, then: float, seed: int
) -> Forecast:
    """Fit a curve to the accuracies at each size, and carry it on.

    The interval comes from a bootstrap over units: from which images happen to judge.

    Args:
        sizes: Images that were learned from, [S], rising; at least three.
        right: Share of right answers to each image at each size, [S, N].
        units: Unit of each image, [N]; images of one unit are drawn together.
        now: Images there are.
        then: Images there would be.
        seed: Of the bootstrap.
    """
    groups = np.unique(units, return_inverse=True)[1]
    count = int(groups.max()) + 1
    of_unit = np.bincount(groups, minlength=count).astype(np.float64)
    right_of_unit = np.stack([np.bincount(groups, weights=row, minlength=count) for row in right])
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=BOOTSTRAPS)
    weights = np.concatenate([np.ones((1, count)), drawn])
    errors = 1 - (weights @ right_of_unit.T) / (weights @ of_unit)[:, None]
    # No error among so many is not none among all.
    errors = np.maximum(errors, 0.5 / len(units))
    reached = 1 - _carry_on(sizes, errors, np.array([now, then]))
    return Forecast(
        measured=tuple(_estimate(column) for column in (1 - errors).T),
        now=_estimate(reached[:, 0]),
        then=_estimate(reached[:, 1]),
        gain=_estimate(reached[:, 1] - reached[:, 0]),
    )


def _estimate(values: Floats) -> Estimate:
    low, high = np.percentile(values[1:], (LOW, HIGH))
    return Estimate(value=float(values[0]), low=float(low), high=float(high))


def _carry_on(sizes: Floats, errors: Floats, wanted: Floats) -> Floats:
    """The share of errors at the wanted sizes [B, T], from those at the sizes of each of B curves [B, S].

    A line in logarithms is fitted to what lies above each floor in turn, large sizes counting more; the
    floor that fits best is taken. Errors never rise with more images.
    """
    at, to = np.log(sizes), np.log(wanted)
    weight = sizes / sizes.sum()
    away = at - (weight * at).sum()
    best = np.full(len(errors), np.inf)
    found = np.empty((len(errors), len(wanted)))
    for share in FLOORS:
        floor = share * errors.min(axis=1, keepdims=True)
        above = np.log(errors - floor)
        middle = (weight * above).sum(axis=1, keepdims=True)
        slope = np.minimum(0, (above * weight * away).sum(axis=1, keepdims=True) / (weight * away**2).sum())
        missed = (weight * (floor + np.exp(middle + slope * away) - errors) ** 2).sum(axis=1)
        is_better = missed < best
        best[is_better] = missed[is_better]
        carried = floor + np.exp(middle + slope * (to - (weight * at).sum()))
        found[is_better] = carried[is_better]
    return found
