"""Accuracy of two runs on their check images over their epochs, one line for each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from tlstudio.report.curves import draw_curves, name_lines, read_line, unit_of
from tlstudio.report.style import draw_message, palette, percent_ticks, size_of
from tlstudio.report.view import Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents


class RunCurves:
    """Draws the curves of two runs over each other.

    Values: {"runs": [{"name", "unit", "epochs": [{"epoch", "validation_accuracy"}]}]}, the first run first.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        runs = list(values.get("runs") or ())
        units = {unit_of(run) for run in runs}
        lines = [
            read_line(run, "validation_accuracy", name=str(run["name"]), colour=colour, width=2.0)
            for run, colour in zip(runs, (colours.fire, colours.accent), strict=False)
        ]
        numbers = [value for line in lines for value in line.values]
        if not numbers:
            draw_message(figure, "Neither run noted its accuracy on check images while it learned.", colours)
            return
        if len(units) > 1:
            words = "One run learned in epochs, the other tried settings: their curves have no common axis."
            draw_message(figure, words, colours)
            return
        axes = draw_curves(figure, lines, {"unit": units.pop()}, label="check images right", colours=colours)
        axes.set_ylim(max(0.0, math.floor((min(numbers) - 0.03) * 10) / 10), 1.02)
        axes.yaxis.set_major_locator(percent_ticks(axes, colours, height=size_of(figure)[1]))
        name_lines(axes, lines)

    def placement(self, _contents: Contents) -> Placement | None:
        """None: the report is about one run."""
        return None


IMPLEMENTATION: ReportView = RunCurves()
