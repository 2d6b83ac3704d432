"""Loss over epochs; validation loss that rises while training loss falls means over-fitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from tlstudio.report.curves import curve_placement, draw_curves, name_lines, nothing_yet, read_line
from tlstudio.report.style import draw_message, palette
from tlstudio.report.view import Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents


class LossCurve:
    """Draws the loss curves.

    Values: {"epochs": [{"epoch", "train_loss", "validation_loss"}], "planned", "best_epoch", "unit"}.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        colours = palette(dark=dark)
        lines = [
            read_line(values, "train_loss", name="training", colour=colours.accent, width=1.6),
            read_line(values, "validation_loss", name="check", colour=colours.fire, width=2.2),
        ]
        numbers = [value for line in lines for value in line.values]
        if not numbers:
            draw_message(figure, nothing_yet(values), colours)
            return
        axes = draw_curves(figure, lines, values, label="loss", colours=colours)
        low, high = min(numbers), max(numbers)
        # From 0, unless that would flatten a curve.
        floor = low - (high - low) * 0.15 if high * 0.5 < low < high * 0.95 else 0.0
        axes.set_ylim(floor, high + max((high - floor) * 0.05, 1e-6))
        name_lines(axes, lines)

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        return curve_placement(contents, title="Loss")


IMPLEMENTATION: ReportView = LossCurve()
