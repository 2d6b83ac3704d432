"""Formats fractions as percentages for people."""

from __future__ import annotations


def percent(fraction: float, *, digits: int = 0) -> str:
    """Format a fraction as "93.8 %"; less than 1 is never rounded to "100 %"."""
    if fraction == 1:
        return "100 %"
    value = round(100 * fraction, digits)
    if value >= 100:
        value = 100 - 10**-digits
    return f"{value:.{digits}f} %"
