import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tlstudio.core.types import Interval
from tlstudio.evaluation.intervals import wilson, within_chance


@given(st.integers(1, 5000), st.data())
def test_agrees_with_scipy(n: int, data: st.DataObject):
    correct = data.draw(st.integers(0, n))
    known = binomtest(correct, n).proportion_ci(method="wilson")
    ours = wilson(correct, n)
    assert ours.low == pytest.approx(known.low, abs=1e-12)
    assert ours.high == pytest.approx(known.high, abs=1e-12)
    assert 0 <= ours.low <= correct / n <= ours.high <= 1


def test_without_images_the_interval_is_everything():
    assert wilson(0, 0) == Interval(low=0.0, high=1.0)


@pytest.mark.parametrize(("correct", "n"), [(-1, 3), (4, 3), (1, 0)])
def test_impossible_counts_are_refused(correct: int, n: int):
    with pytest.raises(ValueError, match="out of"):
        wilson(correct, n)


def test_more_images_make_the_interval_narrower():
    few, many = wilson(9, 10), wilson(900, 1000)
    assert many.high - many.low < (few.high - few.low) / 5


def test_chance_needs_many_images_to_be_ruled_out():
    assert within_chance(0.9, 0.8, n=20)
    assert not within_chance(0.9, 0.8, n=500)
    assert within_chance(1.0, 1.0, n=5)
