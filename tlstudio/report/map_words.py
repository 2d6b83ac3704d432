"""The map of two places in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlstudio.core.percent import percent


def map_words(values: Mapping[str, Any]) -> str:
    """Say how well two places can be told apart, before and after each is measured by its own standard.

    Args:
        values: Of `map_values`; empty gives an empty text.
    """
    if not values:
        return ""
    before, after = (_guessed(values[key]) for key in ("before", "after"))
    return (
        "Each point is an image, near to those that the backbone sees as alike. From which place an image "
        f"is, is guessed {before} as they are, and {after} once each place is measured by its own mean and "
        "deviation; 50 % is chance."
    )


def is_told_apart(panel: Mapping[str, Any]) -> bool:
    """Return whether the place of more images is guessed than chance explains."""
    return float(panel["interval"][0]) > 0.5


def _guessed(panel: Mapping[str, Any]) -> str:
    return f"for {percent(panel['told_apart'])}" if is_told_apart(panel) else "no better than by chance"
