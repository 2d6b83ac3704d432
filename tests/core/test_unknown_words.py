"""An odd image is said to be odd, and how odd."""

from __future__ import annotations

import pytest

from tlstudio.core.unknown_words import FAR_FROM, ODD_FROM, is_odd, odd_mark, odd_words


@pytest.mark.parametrize("unknown", [None, 0.0, ODD_FROM - 1e-9])
def test_nothing_is_said_of_a_familiar_image_or_without_a_score(unknown: float | None):
    assert not is_odd(unknown)
    assert odd_words(unknown) == odd_mark(unknown) == ""


@pytest.mark.parametrize(
    ("unknown", "beginning"),
    [(ODD_FROM, "odd"), (FAR_FROM - 1e-9, "odd"), (FAR_FROM, "unlike"), (1.0, "unlike")],
)
def test_near_and_far_are_told_apart(unknown: float, beginning: str):
    assert is_odd(unknown)
    assert odd_words(unknown).lower().startswith(beginning)
    assert odd_mark(unknown) == {"odd": "odd: ", "unlike": "very odd: "}[beginning]
