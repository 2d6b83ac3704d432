"""The comparison of two recipes on the same images."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.evaluation.intervals import paired_difference
from tlstudio.training.trials.comparison import STANDARD_ERRORS, compare


def answers(*, won: int, lost: int, same: int) -> tuple[torch.Tensor, torch.Tensor]:
    new = torch.tensor([True] * won + [False] * lost + [True] * same)
    old = torch.tensor([False] * won + [True] * lost + [True] * same)
    return new, old


@pytest.mark.parametrize(
    ("won", "lost", "is_gain"),
    [
        (0, 0, False),
        (1, 0, False),
        (2, 0, False),
        (6, 0, True),
        (20, 10, True),
        (19, 10, False),
        (0, 9, False),
    ],
)
def test_a_gain_is_more_than_chance_explains(won, lost, is_gain):
    assert compare(*answers(won=won, lost=lost, same=100)).is_gain is is_gain


def test_the_difference_and_its_noise_are_fractions_of_all_images():
    found = compare(*answers(won=9, lost=6, same=225))
    assert found.difference == pytest.approx(3 / 240)
    assert found.noise == pytest.approx((STANDARD_ERRORS * 15**0.5 + 1) / 240)
    assert found.interval == paired_difference(9, 6, 240)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_gain_is_what_the_two_figures_say(won, lost, same):
    if won + lost + same == 0:
        return
    found = compare(*answers(won=won, lost=lost, same=same))
    assert found.is_gain == (found.difference > found.noise)
    assert found.is_gain == (won - lost - 1 > STANDARD_ERRORS * (won + lost) ** 0.5)
