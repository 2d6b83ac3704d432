"""Writes a measured figure with the digits that are known of it."""

from __future__ import annotations

import math


def roughly(value: float) -> str:
    """A figure with one digit that counts: 84.2 is "80", 8.25 is "8".

    After a first digit of 1 it is rounded to halves of that, as steps twice as wide would say too little:
    13.7 is "15", 172 is "150". What is not positive is "0".
    """
    if value <= 0:
        return "0"
    unit = 10.0 ** math.floor(math.log10(value))
    step = unit if value >= 2 * unit else unit / 2
    return f"{round(value / step) * step:.10g}"
