"""Accuracies in words."""

from __future__ import annotations

from typing import Any

from tlstudio.core.percent import percent, percent_range
from tlstudio.core.wording import count


def decimals(value: float | None) -> str:
    """A figure such as F1 with three digits; a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


def confidence_text(figures: dict[str, Any]) -> str:
    """Calibration error, Brier score and log loss, as far as they are known.

    The calibration error stands beside what chance alone makes of it.
    """
    limit = figures.get("ece_limit")
    words = f"calibration error (ECE) {decimals(figures['ece'])}"
    words += f" (chance alone: up to {decimals(limit)})" if limit is not None else ""
    for name, title in (("brier", "Brier score"), ("log_loss", "log loss")):
        if figures.get(name) is not None:
            within = figures.get(f"{name}_interval")
            interval = f" (95 % interval {decimals(within[0])}–{decimals(within[1])})" if within else ""
            words += f", {title} {decimals(figures[name])}{interval}"
    return words


def accuracy_text(figures: dict[str, Any]) -> str:
    """An accuracy with its count and interval, e.g. "92.5 % of 40 images right (95 % interval 80–98)"."""
    if figures.get("accuracy") is None:
        return "no images kept for it"
    groups = f" from {figures['groups']} groups" if figures.get("groups") else ""
    right = f"{percent(figures['accuracy'], digits=1)} of {count(figures['n'], 'image')}{groups} right"
    if figures.get("interval") is None:  # of an older version
        return right
    return f"{right} (95 % interval {percent_range(*figures['interval'])})"
