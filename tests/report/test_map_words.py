"""The map of two places in a sentence."""

from __future__ import annotations

from typing import Any

from tlstudio.report.map_words import map_words


def panel(told_apart: float, low: float) -> dict[str, Any]:
    return {"here": [], "there": [], "told_apart": told_apart, "interval": (low, 1.0)}


def test_it_says_how_well_places_are_told_apart_before_and_after() -> None:
    words = map_words({"before": panel(0.98, 0.9), "after": panel(0.7, 0.6)})
    assert "is guessed for 98 % as they are, and for 70 % once" in words
    words = map_words({"before": panel(0.98, 0.9), "after": panel(0.31, 0.2)})
    assert "and no better than by chance once" in words


def test_without_a_map_there_is_nothing_to_say() -> None:
    assert map_words({}) == ""
