"""Accuracies in words."""

from __future__ import annotations

from typing import Any

from tlstudio.core.percent import percent, percent_range
from tlstudio.core.wording import count


def decimals(value: float | None) -> str:
    """A figure such as F1 with three digits; a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


def accuracy_text(figures: dict[str, Any]) -> str:
    """An accuracy with its count and interval, e.g. "92.5 % of 40 images right (95 % interval 80–98)"."""
    if figures.get("accuracy") is None:
        return "no images kept for it"
    right = f"{percent(figures['accuracy'], digits=1)} of {count(figures['n'], 'image')} right"
    if figures.get("interval") is None:  # of an older version
        return right
    return f"{right} (95 % interval {percent_range(*figures['interval'])})"
