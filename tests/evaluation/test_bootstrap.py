import numpy as np
import pytest

from tlstudio.evaluation.bootstrap import MOST_BOOTSTRAPPED, mean_interval


def test_it_holds_the_mean_and_reaches_further_to_the_long_side():
    values = np.random.default_rng(0).exponential(size=60)
    found = mean_interval(values)
    assert found is not None
    assert 0 < found.low < values.mean() < found.high
    assert found.high - values.mean() > values.mean() - found.low


def test_the_same_values_give_the_same_interval():
    values = np.arange(30.0)
    assert mean_interval(values) == mean_interval(values.copy())


@pytest.mark.parametrize("value", [0.25, 0.1, 0.32])
def test_values_that_are_all_equal_have_no_width(value: float):
    """The mean of three times 0.1 is a little more than 0.1."""
    found = mean_interval(np.full(3, value))
    assert found is not None
    assert found.pair == pytest.approx((value, value))
    assert found.low <= found.high <= value


def test_it_goes_neither_below_0_nor_above_the_largest_value():
    found = mean_interval(np.array([0.0] * 9 + [1.0]))
    assert found is not None
    assert found.low >= 0
    assert found.high <= 1


def test_a_single_value_has_no_interval():
    assert mean_interval(np.zeros(1)) is mean_interval(np.zeros(0)) is None


def test_many_values_are_not_drawn_but_treated_as_normal():
    values = np.random.default_rng(0).exponential(size=MOST_BOOTSTRAPPED + 1)
    drawn, normal = mean_interval(values[:-1]), mean_interval(values)
    assert drawn is not None
    assert normal is not None
    assert normal.pair == pytest.approx(drawn.pair, abs=0.005)
