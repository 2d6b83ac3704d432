"""Loss against the learning rate, from the search for a rate before a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from tlstudio.core.colours import Colours
from tlstudio.report.style import SMALL, Margins, add_axes, draw_message, number, palette, size_of, text_width
from tlstudio.report.view import Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents

NOTHING_YET = "There is no curve: it was unstable at the lowest rates."
HIGHEST = 2.0
"""Multiple of the loss of the start at which the axis ends: above it nothing is to be learned from it."""
NARROW = 180.0
"""Width in points up to which there is no room for words."""


class RateCurve:
    """Draws the loss by rate, smoothed and as it was, and marks the rate that is suggested and the usual one.

    Values: {"curve": [{"rate", "loss", "smoothed"}], "start_loss", "falls": [low, high] or None,
    "suggestion": {"stages"} or None, "usual"}.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        points = _points(values)
        start = number(values.get("start_loss"))
        if len(points) < 2 or start is None:
            draw_message(figure, NOTHING_YET, colours)
            return
        width, height = size_of(figure)
        tall = height > 120
        margins = Margins(left=44, right=16, top=40 if tall else 12, bottom=34 if tall else 20)
        axes = add_axes(figure, margins, colours)
        rates, losses, smoothed = ([point[part] for point in points] for part in range(3))
        axes.set_xscale("log")
        axes.set_xlim(rates[0] / 1.2, rates[-1] * 1.2)
        low, high = min(*losses, *smoothed), min(max(*losses, *smoothed, start), HIGHEST * start)
        room = 0.08 * max(high - low, 0.01 * start, 1e-6)
        axes.set_ylim(low - room, high + room)
        falls = values.get("falls")
        if falls:
            axes.axvspan(falls[0], falls[1], color=colours.accent_soft, linewidth=0, zorder=0)
        axes.axhline(start, color=colours.muted, linewidth=0.9, dashes=(1, 3), zorder=1)
        axes.plot(rates, losses, "o", color=colours.muted, markersize=3, alpha=0.6, markeredgewidth=0)
        axes.plot(rates, smoothed, color=colours.fire, linewidth=2.2, solid_capstyle="round")
        self._mark(axes, values, colours, words=tall and width > NARROW)
        axes.minorticks_off()
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_locator(LogLocator(numticks=max(2, int(width / 50))))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:.6f}".rstrip("0").rstrip(".")))
        axes.yaxis.set_major_locator(
            MaxNLocator(nbins=max(2, int(height / 40)), steps=[1, 2, 2.5, 5, 10], min_n_ticks=2)
        )
        axes.grid(axis="y", color=colours.line, linewidth=0.8)
        if tall:
            axes.set_xlabel("rate of the top stage", color=colours.muted, fontsize=SMALL, labelpad=3)
            axes.annotate(
                "loss", (0, 1), xycoords="axes fraction", xytext=(-38, 22), textcoords="offset points",
                color=colours.muted, fontsize=SMALL,
            )  # fmt: skip

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`: it belongs to no run."""
        return None

    def _mark(self, axes: Axes, values: Mapping[str, Any], colours: Colours, *, words: bool) -> None:
        """Draw a line at each of the two rates, with its name above in a row of its own."""
        suggestion, usual = (values.get("suggestion") or {}).get("stages"), values.get("usual")
        marks = (
            (number(usual), "usual", colours.muted, (3, 3), 3),
            (number(suggestion), "suggested", colours.accent, (1, 0), 15),
        )
        left, right = axes.get_xlim()
        for rate, name, colour, dashes, above in marks:
            if rate is None or not left <= rate <= right:
                continue
            axes.axvline(rate, color=colour, linewidth=1.4, dashes=dashes, zorder=2)
            if not words:
                continue
            text = f"{name} {rate:.6f}".rstrip("0").rstrip(".")
            place = float(axes.transAxes.inverted().transform(axes.transData.transform((rate, 0)))[0])
            room = float(axes.bbox.width / axes.figure.dpi * 72) * (1 - place)
            late = text_width(text, size=SMALL) > room
            axes.annotate(
                text, (rate, 1), xycoords=("data", "axes fraction"), xytext=(-3 if late else -1, above),
                textcoords="offset points", ha="right" if late else "left", color=colour, fontsize=SMALL,
            )  # fmt: skip


def _points(values: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """Rate, loss and smoothed loss of each point of which all are known."""
    points = []
    for point in values.get("curve") or ():
        rate, loss, smoothed = (number(point.get(key)) for key in ("rate", "loss", "smoothed"))
        if rate is not None and rate > 0 and loss is not None and smoothed is not None:
            points.append((rate, loss, smoothed))
    return points


IMPLEMENTATION: ReportView = RateCurve()
