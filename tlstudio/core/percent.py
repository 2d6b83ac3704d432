"""Formats fractions as percentages for people: the only place that rounds them."""

from __future__ import annotations


def percent(fraction: float, *, digits: int = 0) -> str:
    """Format a fraction as "93.8 %"; less than 1 is never rounded to "100 %"."""
    return f"{_rounded(fraction, digits=digits)} %"


def percent_range(low: float, high: float, *, digits: int = 0) -> str:
    """Format two fractions as "83–98", rounded as by `percent`."""
    return f"{_rounded(low, digits=digits)}–{_rounded(high, digits=digits)}"


def _rounded(fraction: float, *, digits: int) -> str:
    if fraction == 1:
        return "100"
    value = round(100 * fraction, digits)
    if value >= 100:
        value = 100 - 10**-digits
    return f"{value:.{digits}f}"
