"""Two samples of one place cannot be told apart; those of two can."""

from __future__ import annotations

import torch

from tests.training.adaptation.made import domains, features
from tlstudio.evaluation.two_sample import MOST_IMAGES, difference_of, matched_rows, permuted_difference
from tlstudio.training.adaptation.domains import Standardisation


def test_one_place_is_not_told_from_itself_and_another_is():
    same, _ = domains(shifted=False)
    other, _ = domains()
    assert not difference_of(same.source, same.target, seed=0).is_shown
    assert not difference_of(same.source, same.source, seed=0).is_shown
    found = difference_of(other.source, other.target, seed=0)
    assert found.is_shown
    assert found.accuracy > 0.95
    assert found.n == 180


def test_own_standardisation_takes_a_shift_out():
    made, _ = domains()
    parts = [Standardisation.of(part).apply(part) for part in (made.source, made.target)]
    assert not difference_of(*parts, seed=0).is_shown


def test_without_images_nothing_is_shown():
    made, _ = domains()
    assert not difference_of(made.source, made.target[:0], seed=0).is_shown
    nothing = made.source[:0]
    assert permuted_difference(nothing, nothing, strata=[], seed=0).p_value == 1.0


def test_as_many_of_each_stratum_are_drawn():
    first, second = [0] * 5 + [1] * 2 + [3] * 4, [1] * 7 + [0] * 3 + [2] * 9
    rows, others = matched_rows(first, second, seed=0)
    drawn = [first[row] for row in rows]
    assert drawn == [second[row] for row in others] == [0, 0, 0, 1, 1]
    assert len(set(rows.tolist())) == len(set(others.tolist())) == 5
    assert len(matched_rows([0] * 900, [0] * 800, seed=0)[0]) == MOST_IMAGES
    assert len(matched_rows([0], [1], seed=0)[0]) == 0


def test_p_values_of_equal_sets_are_spread_evenly():
    p_values = []
    for seed in range(40):
        (first, labels), (second, others) = (features(60, seed=2 * seed + part) for part in (0, 1))
        rows, other_rows = matched_rows(labels.tolist(), others.tolist(), seed=seed)
        found = permuted_difference(first[rows], second[other_rows], strata=labels[rows].tolist(), seed=seed)
        assert found.p_value is not None
        p_values.append(found.p_value)
    spread = torch.tensor(p_values)
    # Of 40, 10 lie below 0.25 in the mean; more than 19 or fewer than 3 would be one chance in a thousand.
    assert 3 <= int((spread <= 0.25).sum()) <= 19
    assert int((spread <= 0.01).sum()) <= 3


def test_a_shift_has_the_least_p_value():
    made, _ = domains()
    found = permuted_difference(made.source, made.target, strata=[0] * 90, seed=0)
    assert found.p_value == 0.001
