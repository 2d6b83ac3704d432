"""Two samples of one place cannot be told apart; those of two can."""

from __future__ import annotations

from tests.training.adaptation.made import domains
from tlstudio.training.adaptation.domains import Standardisation
from tlstudio.training.adaptation.two_sample import difference_of


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
