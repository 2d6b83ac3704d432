"""Reliability diagram: whether predictions with 80 % probability are right 80 % of the time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator, PercentFormatter

from tlstudio.evaluation.calibration import Calibration
from tlstudio.evaluation.intervals import wilson
from tlstudio.report.style import SMALL, Margins, add_axes, draw_message, palette, size_of
from tlstudio.report.view import Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents


class Reliability:
    """Draws the reliability diagram.

    Values: {"bins": [{"low", "high", "n", "confidence", "accuracy"}], "ece", "limit"}, as in calibration.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        calibration = Calibration.from_json(values)
        bins = [part for part in calibration.bins if part.n]
        if not bins:
            draw_message(figure, "There are no images to compare.", colours)
            return
        width, height = size_of(figure)
        tiny = height < 120 or width < 120
        margins = Margins(left=50, right=22, top=24, bottom=36)
        if tiny:
            margins = Margins(left=34, right=8, top=8, bottom=18)
        axes = add_axes(figure, margins, colours)
        axes.grid(axis="y", color=colours.line, linewidth=0.8)
        axes.plot((0, 1), (0, 1), color=colours.muted, linewidth=1, dashes=(4, 3))
        most = max(part.n for part in bins)
        for part in bins:
            # Bars at the bottom show how many images there are in a bin.
            share = 0.16 * part.n / most
            axes.bar(
                part.low,
                share,
                part.high - part.low,
                align="edge",
                color=colours.accent,
                alpha=0.18,
                linewidth=0,
            )
            interval = wilson(round(part.accuracy * part.n), part.n)
            axes.plot(
                (part.confidence,) * 2,
                (interval.low, interval.high),
                color=colours.accent,
                linewidth=1.4,
                alpha=0.45,
                solid_capstyle="round",
            )
        axes.plot(
            [part.confidence for part in bins],
            [part.accuracy for part in bins],
            "o-",
            color=colours.accent,
            linewidth=1.8,
            markersize=5,
            clip_on=False,
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        # Labels side by side need more room than labels below each other.
        for axis, length, short in ((axes.xaxis, width, 220), (axes.yaxis, height, 150)):
            axis.set_major_locator(MultipleLocator(0.5 if length < short else 0.25 if length < 400 else 0.2))
            axis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
        if not tiny:
            axes.set_xlabel("how sure the model was", color=colours.muted, fontsize=SMALL, labelpad=3)
            axes.set_title(
                "how often it was right", color=colours.muted, fontsize=SMALL, loc="left", x=-0.02, pad=8
            )
        if calibration.ece is not None and not tiny and width > 340:
            by_chance = "" if calibration.limit is None else f" (chance: up to {calibration.limit:.3f})"
            name = "calibration error" if width > 460 else "ECE"
            words = f"{name} {calibration.ece:.3f}{by_chance}"
            axes.set_title(words, color=colours.muted, fontsize=SMALL, loc="right", pad=8)

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        if not contents.evaluation.n:
            return None
        return Placement(
            about="results",
            title="Can its probabilities be trusted?",
            description="How sure it was and how often right",
            values=contents.evaluation.primary.calibration.as_json(),
            height=280,
        )


IMPLEMENTATION: ReportView = Reliability()
