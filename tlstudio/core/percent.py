"""Formats fractions as percentages, which are rounded only here, and differences of fractions as points."""

from __future__ import annotations


def percent(fraction: float, *, digits: int = 0) -> str:
    """Format a fraction as "93.8 %"; less than 1 is never rounded to "100 %"."""
    return f"{_rounded(fraction, digits=digits)} %"


def percent_range(low: float, high: float, *, digits: int = 0) -> str:
    """Format two fractions as "83–98", rounded as by `percent`."""
    return f"{_rounded(low, digits=digits)}–{_rounded(high, digits=digits)}"


def points(difference: float, interval: tuple[float, float], *, digits: int = 0) -> str:
    """Format a difference of two fractions as "+5.2 points, 95 % interval -0.8 to +11.3"."""
    # Adding 0 turns -0.0 into 0.0: no "-0 points".
    amount, low, high = (round(100 * fraction, digits) + 0.0 for fraction in (difference, *interval))
    return f"{amount:+.{digits}f} points, 95 % interval {low:+.{digits}f} to {high:+.{digits}f}"


def _rounded(fraction: float, *, digits: int) -> str:
    if fraction == 1:
        return "100"
    value = round(100 * fraction, digits)
    if value >= 100:
        value = 100 - 10**-digits
    return f"{value:.{digits}f}"
