"""Precision–recall curves: how many answers with a class are right, against how much of it is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from tlstudio.report.ranking_drawing import draw_curves
from tlstudio.report.view import Placement, ReportView

if TYPE_CHECKING:
    from tlstudio.report.contents import Contents


class PrecisionRecall:
    """Draws the precision–recall curve of each class, of many the weakest.

    Values: {"curves": [the values of a `RankingCurve`]}.
    """

    def draw(self, figure: Figure, values: Mapping[str, Any], *, dark: bool) -> None:
        """See `ReportView`."""
        draw_curves(
            figure,
            values,
            dark=dark,
            across="share of the class found (recall)",
            upward="share of the answers right (precision)",
            diagonal=False,
        )

    def placement(self, contents: Contents) -> Placement | None:
        """See `ReportView`."""
        predictions = contents.evaluation.primary.predictions
        if predictions is None or not contents.evaluation.n:
            return None
        from tlstudio.evaluation.ranking_curves import precision_recall_curves  # the window draws without it

        curves = precision_recall_curves(predictions)
        if all(curve.area is None for curve in curves):
            return None  # ten images of a class would be needed
        return Placement(
            about="results",
            title="Precision and recall of each class",
            description="Share of the answers with a class that are right, against share of the class found, "
            "as the threshold falls; average precision with its 95 % interval, the weakest classes",
            values={"curves": [curve.as_json() for curve in curves]},
            height=280,
        )


IMPLEMENTATION: ReportView = PrecisionRecall()
