"""Shared style of all figures: colours, margins in points, and text that fits its place.

Sizes are in points (72 per inch), so they hold at any resolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from tlstudio.core.colours import DARK, LIGHT, Colours

POINTS_PER_PIXEL = 72 / 96
"""A pixel of the page is 1/96 inch."""

TEXT = 9.0
SMALL = 8.0
CHARACTER = 0.64
"""Mean width of a character, as a share of the text's size; a little too large, so that text fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Empty space around the axes, in points."""

    left: float
    right: float
    top: float
    bottom: float


def palette(*, dark: bool) -> Colours:
    """The colours of the light or the dark look."""
    return DARK if dark else LIGHT


def size_of(figure: Figure) -> tuple[float, float]:
    """Width and height in points."""
    width, height = figure.get_size_inches() * 72
    return float(width), float(height)


def add_axes(figure: Figure, margins: Margins, colours: Colours) -> Axes:
    """Add axes without a frame, with fixed margins that shrink in tiny figures.

    Args:
        figure: Its background is set, too.
        margins: Around the axes.
        colours: Of the look.
    """
    width, height = size_of(figure)
    figure.set_facecolor(colours.surface)
    left, right = _shares(margins.left, margins.right, width)
    bottom, top = _shares(margins.bottom, margins.top, height)
    axes = figure.add_axes((left, bottom, 1 - left - right, 1 - bottom - top))
    axes.set_facecolor("none")
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, colors=colours.muted, labelsize=SMALL, pad=5)
    return axes


def _shares(first: float, second: float, whole: float) -> tuple[float, float]:
    # At least 30 % stays for the axes.
    shrink = min(1.0, 0.7 * whole / (first + second))
    return first * shrink / whole, second * shrink / whole


def draw_message(figure: Figure, words: str, colours: Colours) -> None:
    """Show a sentence in an empty figure, wrapped to its width."""
    width, height = size_of(figure)
    figure.set_facecolor(colours.surface)
    size = max(4.0, min(TEXT, height / 4, width / 12))
    figure.text(
        0.5,
        0.5,
        wrapped(words, width=width * 0.85, size=size),
        ha="center",
        va="center",
        color=colours.muted,
        fontsize=size,
        parse_math=False,
    )


def wrapped(words: str, *, width: float, size: float = TEXT) -> str:
    """Wrap text into lines of at most `width` points; longer words are not broken."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size=size) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


def text_width(text: str, *, size: float = TEXT) -> float:
    """Estimate the width of a text in points; characters of wide scripts count twice."""
    return sum(2.0 if ord(character) > 0x2E7F else 1.0 for character in text) * CHARACTER * size


def elided(text: str, *, width: float, size: float = TEXT) -> str:
    """Shorten a text with an ellipsis if it is wider than `width` points."""
    text = " ".join(text.split())
    # A width that was computed as the sum of this text and others may differ from it in the last digits.
    width += 0.01
    if text_width(text, size=size) <= width:
        return text
    while text and text_width(text + "…", size=size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def mix(colour: str, ground: str, share: float) -> tuple[float, float, float]:
    """Blend `share` of a colour over a background; returns red, green, blue from 0 to 1."""
    over, under = to_rgb(colour), to_rgb(ground)
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(over, under, strict=True))
    return red, green, blue


def ink(ground: tuple[float, float, float]) -> str:
    """White or near black, whichever has enough contrast on a background, by WCAG 2's luminance."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in ground]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if luminance < 0.26 else "#1d2430"


def number(value: Any) -> float | None:
    """The value as a finite float, or None for anything else, which is a gap in the data."""
    finite = isinstance(value, int | float) and value == value and abs(value) != float("inf")
    return float(value) if finite else None


def percent_ticks(axes: Axes, colours: Colours, *, height: float) -> MaxNLocator:
    """Write the ticks of the vertical axis as percentages, with a line across at each.

    Args:
        axes: Of shares from 0 to 1.
        colours: Of the look.
        height: Of the figure in points; lower ones have fewer ticks.

    Returns:
        The locator of the ticks, which are not set yet.
    """
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    # No steps of 2.5: whole percentages would stand beside lines at 97.5 and 92.5 %.
    axes.grid(axis="y", color=colours.line, linewidth=0.8)
    return MaxNLocator(nbins=max(2, int(height / 40)), steps=[1, 2, 5, 10], min_n_ticks=2)


def name_accuracy_axes(axes: Axes, colours: Colours, *, across: str) -> None:
    """Write what the horizontal axis means below it, and above the vertical one that it is an accuracy."""
    axes.set_xlabel(across, color=colours.muted, fontsize=SMALL, labelpad=3)
    axes.annotate(
        "right answers on images it did not learn from",
        (0, 1),
        xycoords="axes fraction",
        xytext=(-38, 9),
        textcoords="offset points",
        color=colours.muted,
        fontsize=SMALL,
    )
