"""Check of calibration: predictions made with 80 % probability should be right in 80 of 100 cases.

The calibration error is judged by what chance alone makes of it with these images, if every percentage is
true (`calibrated_limit`): an error below says nothing against the percentages. Simulated for accuracies of
0.6 to 0.98 and 20 to 200 images (`tests/benchmarks/coverage.py`), the error of a classifier whose percentages
are true stays below in 95 of 100 cases.
"""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.specs.checks.calibration import SPEC

SMALL = 0.05
"""Calibration error that matters to nobody, though with very many images chance does not explain it."""
ROUNDING = 1e-9
FEWEST_IMAGES = 10
"""Images below which the calibration error is chance alone."""


class Calibration:
    """Judges the calibration error, and whether confidence is above or below accuracy beyond chance."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        column = evidence.evaluation.primary
        metrics, excess = column.metrics, column.calibration.overconfidence
        ece, limit = metrics.ece, metrics.ece_limit
        images = count(metrics.n, "image")
        if ece is None or limit is None or excess is None or metrics.n < FEWEST_IMAGES:
            message = f"From {images} it cannot be said whether its percentages can be trusted."
            mend = "Do not take its percentages as chances yet; test it on more images."
            return [Finding(check=SPEC.id, severity="note", message=message, mend=mend)]
        numbers = {"ece": ece, "limit": limit, "overconfidence": excess, "n": metrics.n}
        if ece <= limit + ROUNDING:
            message = (
                f"Its percentages can be trusted as far as {images} can show: calibration error {ece:.2f}, "
                f"and chance alone makes up to {limit:.2f}."
            )
            return [Finding(check=SPEC.id, severity="ok", message=message, numbers=numbers)]
        side = _side(metrics, excess)
        points = f"{100 * abs(excess):.0f} points on average"
        by_chance = f"calibration error {ece:.2f}, chance alone makes up to {limit:.2f}"
        if side > 0:
            how = (
                "It is too sure of itself: it is right less often than its percentages say (by "
                f"{points}; {by_chance})."
            )
        elif side < 0:
            how = (
                "It is too cautious: it is right more often than its percentages say (by "
                f"{points}; {by_chance})."
            )
        else:  # the error is a sum of gaps in both directions
            how = (
                f"Its percentages are off by {100 * ece:.0f} points on average, some too high and some too "
                f"low ({by_chance})."
            )
        is_poor = side > 0 and ece > SMALL
        return [
            Finding(
                check=SPEC.id,
                severity="warning" if is_poor else "note",
                message=how,
                meaning="Use its percentages to compare answers, from sure to unsure, and not as exact "
                "chances.",
                mend="Do not rely on a high percentage alone. More images help." if is_poor else "",
                numbers=numbers,
            )
        ]


def _side(metrics: Metrics, excess: float) -> int:
    """1 where the mean confidence lies above the interval of the accuracy, -1 below, 0 within."""
    if metrics.accuracy is None or metrics.interval is None:
        return 0
    confidence = metrics.accuracy + excess
    return int(confidence > metrics.interval.high) - int(confidence < metrics.interval.low)


IMPLEMENTATION = Calibration()
