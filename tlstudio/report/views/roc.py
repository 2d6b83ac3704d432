"""ROC curves: how much of each class is found, against how many of the others are taken for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from tlstudio.report.ranking_drawing import draw_curves
from tlstudio.report.view import Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents


class Roc:
    """Draws the ROC curve of each class, of many the weakest.

    Values: {"curves": [the values of a `RankingCurve`]}.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        draw_curves(
            figure,
            values,
            dark=dark,
            across="share of the others taken for it",
            upward="share of the class found",
            diagonal=True,
        )

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        predictions = contents.evaluation.primary.predictions
        if predictions is None or not contents.evaluation.n:
            return None
        from tlstudio.evaluation.ranking_curves import roc_curves  # the window draws without it

        curves = roc_curves(predictions)
        if all(curve.area is None for curve in curves):
            return None  # ten images of a class would be needed
        return Placement(
            about="results",
            title="Each class against the others (ROC)",
            description="Share of a class that is found, against share of the others taken for it, as the "
            "threshold falls; the area below it with its 95 % interval, the weakest classes",
            values={"curves": [curve.as_json() for curve in curves]},
            height=280,
        )


IMPLEMENTATION: ReportView = Roc()
