"""Writes a measured figure with the digits that are known of it."""

from __future__ import annotations

import math


def roughly(value: float) -> str:
    """A positive figure in steps of its first digit, below 2 of half of it: 84.2 is "80", 13.7 is "15"."""
    if value <= 0:
        return "0"
    unit = 10.0 ** math.floor(math.log10(value))
    step = unit if value >= 2 * unit else unit / 2
    return f"{round(value / step) * step:.10g}"
