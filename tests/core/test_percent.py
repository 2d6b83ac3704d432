"""Fractions as percentages."""

from __future__ import annotations

import pytest

from tlstudio.core.percent import percent, percent_range, points


@pytest.mark.parametrize(
    ("fraction", "digits", "text"),
    [(0.938, 1, "93.8 %"), (1.0, 1, "100 %"), (0.9999, 1, "99.9 %"), (0.996, 0, "99 %"), (0.0, 0, "0 %")],
)
def test_percent(fraction, digits, text):
    assert percent(fraction, digits=digits) == text


def test_a_range_is_rounded_like_its_ends():
    assert percent_range(0.857, 0.9963) == "86–99"
    assert percent_range(0.0, 1.0) == "0–100"
    assert percent_range(0.12345, 0.9, digits=1) == "12.3–90.0"


def test_only_everything_is_a_hundred_percent():
    assert [percent(share) for share in (0.0, 0.125, 0.999, 1.0)] == ["0 %", "12 %", "99 %", "100 %"]


def test_a_difference_is_said_in_points_with_its_interval():
    assert points(0.052, (-0.0081, 0.113), digits=1) == "+5.2 points, 95 % interval -0.8 to +11.3"
    assert points(-0.2, (-0.31, -0.09)) == "-20 points, 95 % interval -31 to -9"


def test_nothing_is_never_said_to_be_less():
    assert points(-0.0001, (-0.0004, 0.0), digits=1) == "+0.0 points, 95 % interval +0.0 to +0.0"
