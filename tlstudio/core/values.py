"""The values of images with more than 8 bits or with channels of their own, and windows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlstudio.core.wording import count

ORDINARY = "8-bit"
"""Layout of an ordinary picture, which needs no window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSummary:
    """Summary of the values of one image: their kind, depth, and range in each channel.

    Attributes:
        layout: Kind of numbers and channels, e.g. "grey, whole numbers"; images of one layout share a window.
        bits: Depth that holds its numbers; 0 for real numbers.
        least: Smallest value of each channel; of colours, of all three together.
        low: The value that a thousandth of the pixels does not reach, in the same order.
        high: The value that a thousandth of the pixels exceeds.
        most: Largest value.
    """

    layout: str
    bits: int
    least: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    most: tuple[float, ...]

    @property
    def is_constant(self) -> bool:
        """True if each channel has one value only."""
        return self.least == self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueWindow:
    """The values that become black and white, for all images of one layout.

    Attributes:
        layout: As in `ValueSummary`.
        channels: Which channels of the file are seen, counted from 1: one becomes grey, two become red and
            green, three red, green and blue.
        low: The value that becomes black, for each of these channels; empty where each image is scaled by
            itself.
        high: The value that becomes white, likewise.
    """

    layout: str
    channels: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def flattens(self, summary: ValueSummary) -> bool:
        """Return whether this window turns an image of its layout into one single colour."""
        if not self.low:
            return summary.is_constant
        own = [min(channel, len(summary.least)) - 1 for channel in self.channels]
        return all(
            _byte(summary.least[index], low, high) == _byte(summary.most[index], low, high)
            for index, low, high in zip(own, self.low, self.high, strict=True)
        )


def window_words(window: ValueWindow) -> str:
    """Say how images are seen through a window, as in "values 102 to 2740 are seen as black to white"."""
    taken = ""
    if "channels" in window.layout:
        colours = ("grey",) if len(window.channels) == 1 else ("red", "green", "blue")
        parts = [f"{number} as {colour}" for number, colour in zip(window.channels, colours, strict=False)]
        taken = f"channel {', '.join(parts)}; "
    if not window.low:
        return f"{taken}each image is stretched by itself from its darkest to its brightest values"
    pairs = zip(window.low, window.high, strict=True)
    ranges = ", ".join(dict.fromkeys(f"{low:.5g} to {high:.5g}" for low, high in pairs))
    return f"{taken}values {ranges} are seen as black to white in all of them"


def unseen_words(layouts: Sequence[str]) -> str:
    """Say that images have values of kinds that no image of the training had.

    Args:
        layouts: One for each such image; at least one.
    """
    is_one = len(layouts) == 1
    kinds = " and ".join(f"“{layout}”" for layout in sorted(set(layouts)))
    images = count(len(layouts), "image has", plural="images have")
    return (
        f"{images} values of a kind that it was not trained on ({kinds}): {'it is' if is_one else 'each is'} "
        "stretched by itself from its darkest to its brightest values, so the answers are less certain."
    )


def _byte(value: float, low: float, high: float) -> int:
    return round(min(max((value - low) / (high - low), 0.0), 1.0) * 255) if high > low else 0
