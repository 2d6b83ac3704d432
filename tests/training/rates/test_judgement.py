"""Reading a rate from a curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tlstudio.training.loop.rate_sweep import RateSweep
from tlstudio.training.rates.judgement import judge

RATES = np.geomspace(1e-5, 0.1, 40)


def made(loss: Callable[[np.ndarray], np.ndarray], *, noise: float = 0.0, seed: int = 0) -> RateSweep:
    """A sweep whose loss is a function of the logarithm of the rate, with a start of 1."""
    drawn = np.random.default_rng(seed).normal(scale=noise, size=len(RATES))
    return RateSweep(
        start_loss=1.0,
        rates=tuple(RATES.tolist()),
        losses=tuple((loss(np.log10(RATES)) + drawn).tolist()),
        counts=(32,) * len(RATES),
    )


def falls(x: np.ndarray) -> np.ndarray:
    """Falls by half from 1e-4 to 1e-3, and rises from there on, over the start from 4e-3 on."""
    return 1 - 0.5 * np.clip(x + 4, 0, 1) + 0.8 * np.clip(x + 3, 0, None)


@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_the_rate_of_the_lowest_loss_is_suggested(noise):
    found = judge(made(falls, noise=noise))
    low, high = found.falls
    assert low == pytest.approx(10**-3.9, rel=0.6)
    assert found.suggestion == high == pytest.approx(1e-3, rel=0.4)
    assert found.rises_from == pytest.approx(10 ** (-3 + 0.5 / 0.8), rel=0.5)
    assert len(found.smoothed) == len(RATES)


def test_a_loss_that_hardly_changes_suggests_nothing():
    for seed in range(20):
        found = judge(made(np.ones_like, noise=0.02, seed=seed))
        assert (found.suggestion, found.falls, found.rises_from) == (None, None, None)


def test_chance_alone_suggests_nothing():
    suggested = [judge(made(np.ones_like, noise=0.3, seed=seed)).suggestion for seed in range(20)]
    assert suggested.count(None) >= 19


def test_a_loss_that_rises_at_once_suggests_nothing_and_says_from_where():
    found = judge(made(lambda x: 1 + np.clip(x + 4, 0, None), noise=0.01))
    assert (found.suggestion, found.falls) == (None, None)
    assert found.rises_from == pytest.approx(10**-3.9, rel=0.5)


def test_how_ragged_it_is_after_the_fall_does_not_hide_the_fall():
    ragged = np.where(RATES > 2e-3, 0.4 * (-1.0) ** np.arange(len(RATES)), 0.0)
    found = judge(made(lambda x: np.maximum(falls(x), 0.5 + ragged)))
    assert found.suggestion == pytest.approx(1e-3, rel=0.5)


def test_a_loss_that_still_falls_at_the_highest_rate_has_no_rate_from_which_it_rises():
    found = judge(made(lambda x: 1 - 0.1 * (x + 5)))
    assert found.rises_from is None
    assert found.falls[1] > 0.03


def test_how_high_it_shoots_changes_nothing():
    made_up = made(falls)
    higher = replace(made_up, losses=(*made_up.losses[:-1], 1e6))
    assert judge(higher) == judge(made_up)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_training_that_is_unstable_at_the_lowest_rates_suggests_nothing(count):
    sweep = RateSweep(start_loss=1.0, rates=tuple(RATES[:count]), losses=(9.0,) * count, counts=(8,) * count)
    found = judge(sweep)
    assert found.suggestion is None
    assert len(found.smoothed) == count
