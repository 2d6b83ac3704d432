"""Accuracies in words."""

from __future__ import annotations

from typing import Any


def accuracy_text(figures: dict[str, Any]) -> str:
    """An accuracy with its count and interval, e.g. "92.5 % of 40 images right (95 % interval 80–98)"."""
    if figures.get("accuracy") is None:
        return "no images kept for it"
    low, high = figures["interval"]
    right = f"{100 * figures['accuracy']:.1f} % of {figures['n']} images right"
    return f"{right} (95 % interval {100 * low:.0f}–{100 * high:.0f})"
