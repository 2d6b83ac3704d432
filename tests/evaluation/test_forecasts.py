"""Learning curves carried on: on curves whose end is known."""

from __future__ import annotations

import numpy as np
import pytest

from tlstudio.evaluation.forecasts import Forecast, forecast

SIZES = np.array([30.0, 60.0, 120.0, 240.0])


def drawn(errors: np.ndarray, *, images: int, seed: int, units: np.ndarray | None = None) -> Forecast:
    """Answers whose chance of being wrong falls as given; hard images are hard at each size."""
    rng = np.random.default_rng(seed)
    units = np.arange(images) if units is None else units
    hardness = rng.random(units.max() + 1)[units]
    right = (hardness[None] > errors[:, None]).astype(float)
    return forecast(SIZES, right, units, now=300.0, then=600.0, seed=seed)


def law(sizes, *, floor: float) -> np.ndarray:
    return floor + 1.5 * np.asarray(sizes, dtype=float) ** -0.5


@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_a_power_of_the_number_of_images_is_carried_on_as_one(floor):
    found = drawn(law(SIZES, floor=floor), images=20_000, seed=0)
    assert found.now.value == pytest.approx(1 - law(300, floor=floor), abs=0.01)
    assert found.then.value == pytest.approx(1 - law(600, floor=floor), abs=0.02)
    assert found.gain.value == pytest.approx(found.then.value - found.now.value)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    truth = 1 - law(600, floor=0.05)
    forecasts = [drawn(law(SIZES, floor=0.05), images=200, seed=seed).then for seed in range(60)]
    inside = np.mean([one.low <= truth <= one.high for one in forecasts])
    assert inside >= 0.9
    assert np.mean([one.high - one.low for one in forecasts]) < 0.2


def test_more_images_are_never_expected_to_harm():
    found = drawn(np.array([0.1, 0.15, 0.2, 0.25]), images=400, seed=0)
    assert found.now.value == pytest.approx(found.then.value)
    assert (found.gain.low, found.gain.high) == (pytest.approx(0), pytest.approx(0))


def test_without_an_error_it_is_not_certain_that_there_is_none():
    found = drawn(np.zeros(4), images=50, seed=0)
    assert 0.98 < found.then.value < 1


def test_images_of_one_unit_count_as_one():
    alone = drawn(law(SIZES, floor=0.05), images=400, seed=0)
    together = drawn(law(SIZES, floor=0.05), images=400, seed=0, units=np.arange(400) // 20)
    assert together.now.high - together.now.low > 2 * (alone.now.high - alone.now.low)
