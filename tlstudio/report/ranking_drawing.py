"""Draws curves of several classes in a unit square, with a legend beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from tlstudio.report.style import SMALL, Margins, add_axes, draw_message, elided, palette, size_of

DRAWN = 6
"""Curves that can be told apart by their colours: of more classes the weakest are drawn."""
LEGEND_FROM = 300.0
"""Width in points from which on the legend stands beside the curves."""
LEGEND_WIDTH, LEGEND_LINE = 150.0, 26.0
NOTHING = "There are too few images of each class for these curves."


def draw_curves(
    figure: Figure, values: Mapping[str, Any], *, dark: bool, across: str, upward: str, diagonal: bool
) -> None:
    """Draw the curves of the weakest classes.

    Args:
        figure: Empty.
        values: {"curves": [the values of a `RankingCurve`]}.
        dark: Which of the two looks.
        across: Name of the horizontal axis.
        upward: Name of the vertical axis.
        diagonal: Whether guessing is the diagonal.
    """
    colours = palette(dark=dark)
    curves = [one for one in values.get("curves") or () if one.get("area") is not None and one["points"]]
    if not curves:
        draw_message(figure, NOTHING, colours)
        return
    width, height = size_of(figure)
    # As many as can be named beside the curves.
    most = min(DRAWN, max(1, int((height - 36) / LEGEND_LINE)))
    curves = sorted(curves, key=lambda one: float(one["area"]))[:most]
    tiny = height < 120 or width < 120
    has_legend = width >= LEGEND_FROM and height >= 110
    margins = Margins(left=44, right=LEGEND_WIDTH if has_legend else 20, top=24, bottom=36)
    if tiny:
        margins = Margins(left=34, right=8, top=8, bottom=18)
    axes = add_axes(figure, margins, colours)
    axes.grid(color=colours.line, linewidth=0.8)
    if diagonal:
        axes.plot((0, 1), (0, 1), color=colours.muted, linewidth=1, dashes=(4, 3))
    inks = (colours.accent, colours.fire, colours.ok, colours.bad, colours.ice, colours.warn)
    styles: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (2, 2)), "-", (0, (5, 2)), (0, (2, 2)))
    for number, (curve, ink, style) in enumerate(zip(curves, inks, styles, strict=False)):
        x, y = zip(*curve["points"], strict=True)
        axes.plot(x, y, color=ink, linewidth=1.6, linestyle=style, clip_on=False)
        if has_legend:
            name = elided(str(curve["class_name"]), width=LEGEND_WIDTH - 34, size=SMALL)
            words = f"{name}\n{_area(curve)}"
            place = (width - LEGEND_WIDTH + 14, height - 26 - LEGEND_LINE * number)
            axes.annotate(
                words, place, xycoords="figure points", xytext=(20, 0), textcoords="offset points",
                va="top", color=colours.muted, fontsize=SMALL, parse_math=False, annotation_clip=False,
            )  # fmt: skip
            axes.annotate(
                "", (place[0] + 15, place[1] - 6), xycoords="figure points",
                xytext=(place[0], place[1] - 6), textcoords="figure points", annotation_clip=False,
                arrowprops={"arrowstyle": "-", "color": ink, "linestyle": style, "linewidth": 1.6},
            )  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    for axis, length, short in ((axes.xaxis, width, 220), (axes.yaxis, height, 150)):
        axis.set_major_locator(MultipleLocator(0.5 if length < short else 0.25))
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    if not tiny:
        axes.set_xlabel(across, color=colours.muted, fontsize=SMALL, labelpad=3)
        axes.set_title(upward, color=colours.muted, fontsize=SMALL, loc="left", x=-0.02, pad=8)


def _area(curve: Mapping[str, Any]) -> str:
    return f"{curve['area']:.2f} ({curve['low']:.2f}–{curve['high']:.2f}), n {curve['n']}"
