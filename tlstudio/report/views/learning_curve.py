"""Learning curve: the accuracy with few images of each class, and where it is going with more."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from tlstudio.core.percent import percent
from tlstudio.report.learning_words import images_words, learning_words
from tlstudio.report.style import (
    SMALL,
    Margins,
    add_axes,
    draw_message,
    name_accuracy_axes,
    number,
    palette,
    percent_ticks,
    size_of,
)
from tlstudio.report.view import PAGE_WIDTH, Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents

NOTHING_YET = "The learning curve appears when the head is fitted."
NARROW = 100.0
"""Width in points up to which there is no room for words."""
LABELS_APART = 48.0
"""Distance of two points, in points, from which both can be named."""
TICKS_APART = 30.0
"""Smallest distance of two ticks, in points."""


class LearningCurveView:
    """Draws the measured points with their intervals, and dashed to the expected one.

    Values: {"points": [{"images_per_class", "accuracy", "interval"}], "expected": {the same}}, and "now", the
    same of all images where the last point has fewer.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        points = [point for point in values.get("points") or () if _is_whole(point)]
        if not points:
            draw_message(figure, NOTHING_YET, colours)
            return
        width, height = size_of(figure)
        tall = height > 120
        axes = add_axes(
            figure, Margins(left=44, right=48, top=28 if tall else 12, bottom=34 if tall else 20), colours
        )
        ahead = [one for one in (values.get("now"), values.get("expected")) if one and _is_whole(one)]
        going = [points[-1], *ahead] if ahead else []
        now = values["now"] if values.get("now") in ahead else points[-1]
        for chosen, colour, filled in ((points, colours.fire, True), (going[1:], colours.accent, False)):
            for point in chosen:
                x, y = float(point["images_per_class"]), float(point["accuracy"])
                low, high = point["interval"]
                axes.errorbar(
                    [x], [y], yerr=[[max(0.0, y - low)], [max(0.0, high - y)]], fmt="none", ecolor=colour,
                    elinewidth=1.2, capsize=4, alpha=0.7,
                )  # fmt: skip
                axes.plot(
                    [x], [y], marker="o", markersize=6.5, color=colour, markeredgewidth=1.6, clip_on=False,
                    markerfacecolor=colour if filled else colours.surface, zorder=4,
                )  # fmt: skip
        for line, colour, style in ((points, colours.fire, "-"), (going, colours.accent, (0, (3, 3)))):
            axes.plot(
                [point["images_per_class"] for point in line],
                [point["accuracy"] for point in line],
                color=colour,
                linewidth=1.8,
                linestyle=style,
            )
        shown = [*points, *going[1:]]
        axes.set_xscale("log")
        first, last = (float(shown[place]["images_per_class"]) for place in (0, -1))
        axes.set_xlim(first / 1.15, max(last, first) * 1.15)
        axes.minorticks_off()
        axes.xaxis.set_minor_formatter(NullFormatter())
        _number_axis(axes, shown, width=width - 92, span=math.log(last / first * 1.15**2))
        lowest = min(float(point["interval"][0]) for point in shown)
        axes.set_ylim(max(0.0, math.floor((lowest - 0.02) * 10) / 10), 1.02)
        steps = percent_ticks(axes, colours, height=height)
        axes.yaxis.set_major_locator(steps)
        named = [(now, "now"), *((point, "expected") for point in ahead[-1:] if point is not now)]
        if len(named) > 1:
            apart = math.log(last / float(now["images_per_class"])) / math.log(last / first * 1.15**2)
            named = named if apart * (width - 92) > LABELS_APART else named[1:]
        for point, words in named if width > NARROW else ():
            axes.annotate(
                f"{percent(point['accuracy'])}\n{words}",
                (point["images_per_class"], point["accuracy"]),
                xytext=(8, -4),
                textcoords="offset points",
                va="top",
                color=colours.muted,
                fontsize=SMALL,
            )
        if tall:
            name_accuracy_axes(axes, colours, across="images of each class to learn from")

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        if not contents.learning:
            return None
        words = learning_words(contents.learning)
        return Placement(
            about="training",
            title="What more images would give",
            description=words,
            values=contents.learning,
            width=PAGE_WIDTH - 60,
            height=280,
            wide=True,
            text=words,
        )


def _is_whole(point: Mapping[str, Any]) -> bool:
    """Return whether all numbers of a point are known."""
    numbers = (point.get("images_per_class"), point.get("accuracy"), *(point.get("interval") or (None,)))
    return all(number(value) is not None for value in numbers) and float(point["images_per_class"]) > 0


def _number_axis(axes: Axes, points: Sequence[Mapping[str, Any]], *, width: float, span: float) -> None:
    """Put a tick below each point that is far enough from the one before."""
    ticks: list[Mapping[str, Any]] = []
    for point in points:
        ratio = point["images_per_class"] / ticks[-1]["images_per_class"] if ticks else 0.0
        if not ticks or math.log(max(ratio, 1.0)) / span * width >= TICKS_APART:
            ticks.append(point)
    axes.set_xticks(
        [point["images_per_class"] for point in ticks],
        labels=[images_words(point).partition(" ")[0] for point in ticks],
    )


IMPLEMENTATION: ReportView = LearningCurveView()
