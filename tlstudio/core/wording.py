"""Formats counts and lists of names for sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

MOST_NAMED = 4
"""Names in a sentence before "and 3 more"."""


def count(number: int, thing: str, *, plural: str | None = None, digits: Callable[[int], str] = str) -> str:
    """A number with its noun, and where wanted its verb: "1 image", "3 images are".

    Args:
        number: How many.
        thing: In the singular.
        plural: Where adding an "s" is wrong.
        digits: Writes the number.
    """
    return f"{digits(number)} {thing if number == 1 else plural or thing + 's'}"


def named(names: Sequence[str]) -> str:
    """The first few names, and how many more there are: "ants, bees, flies, wasps and 3 more"."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
