"""Numbers of test images that would be enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.evaluation.how_many_images import images_to_halve, images_to_show
from tlstudio.evaluation.intervals import mcnemar_p, wilson


def test_the_number_of_images_that_shows_a_difference_has_the_promised_power():
    won, lost, n = 8, 3, 100
    needed = images_to_show(won, lost, n)
    random = np.random.default_rng(0)
    draws = random.multinomial(needed, [won / n, lost / n, 1 - (won + lost) / n], size=3000)
    shown = np.mean([mcnemar_p(int(a), int(b)) < 0.05 for a, b, _ in draws])
    assert 0.7 < shown < 0.85, "the exact test is a little stricter than the formula"
    with pytest.raises(ValueError, match="none"):
        images_to_show(3, 3, 100)


@given(st.integers(10, 300), st.data())
def test_the_number_of_images_that_halves_an_interval_does(n: int, data: st.DataObject):
    correct = data.draw(st.integers(0, n))
    needed = images_to_halve(correct, n)
    assert 2 * n - 2 <= needed <= 6 * n
    low, high = wilson(correct, n).pair
    scaled = round(correct / n * needed)
    if correct in (0, n):
        scaled = 0 if correct == 0 else needed
    new_low, new_high = wilson(scaled, needed).pair
    # The number of right ones is whole, so the share of few images moves a little.
    assert (new_high - new_low) / (high - low) == pytest.approx(0.5, abs=0.08)
