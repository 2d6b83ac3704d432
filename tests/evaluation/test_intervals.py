import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from tlstudio.core.types import Interval
from tlstudio.evaluation.intervals import (
    mcnemar_p,
    paired_difference,
    wilson,
    wilson_of_groups,
    within_chance,
)


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


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_the_interval_of_a_paired_difference_holds_the_difference(won: int, lost: int, same: int):
    n = won + lost + same
    found = paired_difference(won, lost, n)
    mirrored = paired_difference(lost, won, n)
    assert (-mirrored.high, -mirrored.low) == pytest.approx(found.pair)
    if n:
        assert -1 <= found.low <= (won - lost) / n * n / (n + 2) <= found.high <= 1


def test_the_interval_of_a_paired_difference_covers_the_truth_in_about_95_of_100_cases():
    random = np.random.default_rng(0)
    for p_won, p_lost, n in ((0.1, 0.05, 60), (0.3, 0.1, 40), (0.02, 0.02, 200)):
        draws = random.multinomial(n, [p_won, p_lost, 1 - p_won - p_lost], size=2000)
        intervals = [paired_difference(int(won), int(lost), n) for won, lost, _ in draws]
        covered = np.mean([found.low <= p_won - p_lost <= found.high for found in intervals])
        assert 0.93 < covered < 0.99


def test_more_differing_images_than_images_are_refused():
    with pytest.raises(ValueError, match="of 3"):
        paired_difference(2, 2, 3)


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_test_of_mcnemar_agrees_with_scipy(won: int, lost: int):
    known = binomtest(won, won + lost).pvalue if won + lost else 1.0
    assert mcnemar_p(won, lost) == pytest.approx(known, rel=1e-9)


def test_many_thousand_differing_images_are_tested_too():
    assert mcnemar_p(5100, 5000) == pytest.approx(binomtest(5000, 10_100).pvalue, rel=1e-9)
    with pytest.raises(ValueError, match="lost"):
        mcnemar_p(-1, 2)


@given(st.lists(st.integers(1, 12), min_size=2, max_size=15), st.data())
def test_the_interval_of_groups_holds_the_fraction_and_is_never_narrower(
    sizes: list[int], data: st.DataObject
):
    correct = [data.draw(st.integers(0, size)) for size in sizes]
    found, alone = wilson_of_groups(correct, sizes), wilson(sum(correct), sum(sizes))
    fraction = sum(correct) / sum(sizes)
    assert 0 <= found.low <= fraction <= found.high <= 1
    assert found.high - found.low >= alone.high - alone.low - 1e-9


def test_groups_that_are_right_or_wrong_as_a_whole_count_as_one_image_each():
    """Sixty images of twelve patients, each patient's all right or all wrong."""
    found, of_patients = wilson_of_groups([5] * 8 + [0] * 4, [5] * 12), wilson(8, 12)
    assert found.low == pytest.approx(of_patients.low, abs=0.04)
    assert found.high == pytest.approx(of_patients.high, abs=0.04)


def test_where_all_is_right_a_usual_correlation_is_assumed():
    assert wilson_of_groups([5] * 12, [5] * 12).low < wilson(60, 60).low


def test_one_group_tells_nothing():
    assert wilson_of_groups([4], [5]) == wilson_of_groups([], []) == Interval(low=0.0, high=1.0)
    with pytest.raises(ValueError, match="more right"):
        wilson_of_groups([6, 1], [5, 5])
