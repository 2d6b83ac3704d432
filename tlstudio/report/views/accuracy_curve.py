"""Accuracy over epochs, with the 95 % interval of the validation images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from tlstudio.report.curves import curve_placement, draw_curves, name_lines, nothing_yet, read_line
from tlstudio.report.style import draw_message, palette, percent_ticks, size_of
from tlstudio.report.view import Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents


class AccuracyCurve:
    """Draws the accuracy curves.

    Values: {"epochs": [{"epoch", "train_accuracy", "validation_accuracy", "interval"}], …}.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        lines = [
            read_line(values, "train_accuracy", name="training", colour=colours.accent, width=1.6),
            read_line(values, "validation_accuracy", name="check", colour=colours.fire, width=2.2),
        ]
        numbers = [value for line in lines for value in line.values]
        if not numbers:
            draw_message(figure, nothing_yet(values), colours)
            return
        axes = draw_curves(figure, lines, values, label="images right", colours=colours)
        band = [
            (int(epoch["epoch"]), *interval)
            for epoch in values["epochs"]
            if (interval := epoch.get("interval")) and epoch.get("validation_accuracy") is not None
        ]
        if band:
            epochs, low, high = zip(*band, strict=True)
            axes.fill_between(epochs, low, high, color=colours.fire, alpha=0.14, linewidth=0)
            numbers += low
        axes.set_ylim(max(0.0, math.floor((min(numbers) - 0.03) * 10) / 10), 1.02)
        axes.yaxis.set_major_locator(percent_ticks(axes, colours, height=size_of(figure)[1]))
        name_lines(axes, lines)

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        return curve_placement(contents, title="Accuracy")


IMPLEMENTATION: ReportView = AccuracyCurve()
