"""Recall of each class with its 95 % interval; the lowest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.metric_values import ClassMetrics, Metrics
from tlstudio.report.style import (
    SMALL,
    Margins,
    add_axes,
    draw_message,
    elided,
    palette,
    size_of,
    text_width,
)
from tlstudio.report.view import Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents

LOWEST_ROW, HIGHEST_ROW = 11.5, 24.0


class _Row:
    """A class that has images.

    Args:
        metrics: Of the class.
    """

    def __init__(self, metrics: ClassMetrics) -> None:
        self.name = metrics.class_name
        self.recall = metrics.recall or 0.0
        self.n = metrics.n
        self.found = round(self.recall * self.n)


class PerClass:
    """Draws the recall of each class.

    Values: {"per_class": [{"class", "recall", "n"}]}; classes without images are left out.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        entries = [_Row(entry) for entry in Metrics.from_json(values).per_class if entry.n]
        if not entries:
            draw_message(figure, "There are no images to compare.", colours)
            return
        # Of equal recall the class with more images first: its weakness is more certain.
        entries.sort(key=lambda entry: (entry.recall, -entry.n))
        width, height = size_of(figure)
        rows = max(1, int((height - 22 - 14) / LOWEST_ROW))
        hidden = max(0, len(entries) - rows)
        entries = entries[:rows]
        left = min(max(text_width(entry.name, size=SMALL) for entry in entries) + 12, width * 0.35)
        counts = [f"{entry.found} of {entry.n}" for entry in entries]
        right = max(text_width(count, size=SMALL) for count in counts) + 12
        row = min(HIGHEST_ROW, max(1.0, (height - 22 - 14) / len(entries)))
        note = 14.0 if hidden else 4.0
        margins = Margins(left=left, right=right, top=note, bottom=height - note - row * len(entries))
        axes = add_axes(figure, margins, colours)
        room = width - left - right
        axes.set_ylim(len(entries) - 0.5, -0.5)
        axes.set_xlim(-0.01, 1.01)
        axes.xaxis.set_major_locator(MultipleLocator(0.25 if room > 150 else 0.5 if room > 75 else 1))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        axes.grid(axis="x", color=colours.line, linewidth=0.8)
        for place, (entry, count) in enumerate(zip(entries, counts, strict=True)):
            interval = wilson(entry.found, entry.n)
            axes.plot(
                (interval.low, interval.high),
                (place, place),
                color=colours.accent,
                linewidth=min(6.0, row * 0.4),
                alpha=0.28,
                solid_capstyle="butt",
            )
            axes.plot(
                entry.recall,
                place,
                "o",
                color=colours.accent,
                markersize=min(6.0, row * 0.45),
                clip_on=False,
            )
            axes.annotate(
                count,
                (1, place),
                xycoords=("axes fraction", "data"),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                color=colours.muted,
                fontsize=min(SMALL, row * 0.8),
            )
        names = [elided(entry.name, width=left - 8, size=SMALL) for entry in entries]
        axes.set_yticks(range(len(entries)), names, parse_math=False)
        for label in axes.get_yticklabels():
            label.set_color(colours.text)
            label.set_fontsize(min(SMALL, row * 0.8))
        if hidden:
            words = f"the {len(entries)} weakest of {len(entries) + hidden} classes"
            share = min(1.0, (width - 12) / text_width(words, size=SMALL))
            figure.text(
                1 - 6 / width,
                1 - 2 / height,
                words,
                color=colours.muted,
                fontsize=SMALL * share,
                ha="right",
                va="top",
            )

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        metrics = contents.evaluation.primary.metrics
        if not metrics.n:
            return None
        present = sum(entry.n > 0 for entry in metrics.per_class)
        return Placement(
            about="results",
            title="Found of each class, with 95 % intervals",
            description="Share of each class that was found, with its 95 % interval, the weakest first",
            values=metrics.as_json(),
            height=min(900, 60 + 28 * present),
        )


IMPLEMENTATION: ReportView = PerClass()
