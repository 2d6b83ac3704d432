"""Check of calibration: predictions made with 80 % probability should be right in 80 of 100 cases."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.specs.checks.calibration import SPEC

GOOD, POOR = 0.05, 0.15
"""Expected calibration error: fine up to the first; above the second it is a warning, if the mean confidence
also lies above the 95 % interval of the accuracy."""
FEWEST_IMAGES = 10
"""Images below which the calibration error is chance alone."""


class Calibration:
    """Judges the calibration error, and whether confidence is above or below accuracy beyond chance."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        column = evidence.evaluation.primary
        ece, excess = column.metrics.ece, column.calibration.overconfidence
        if ece is None or excess is None or column.metrics.n < FEWEST_IMAGES:
            message = (
                f"From {count(column.metrics.n, 'image')} it cannot be said whether its percentages "
                "can be trusted."
            )
            return [Finding(check=SPEC.id, severity="note", message=message)]
        numbers = {"ece": ece, "overconfidence": excess, "n": column.metrics.n}
        if ece <= GOOD:
            message = f"Its percentages can be trusted (calibration error {ece:.2f})."
            return [Finding(check=SPEC.id, severity="ok", message=message, numbers=numbers)]
        accuracy, interval = column.metrics.accuracy, column.metrics.interval
        confidence = None if accuracy is None else accuracy + excess
        is_above = confidence is not None and interval is not None and confidence > interval.high
        is_below = confidence is not None and interval is not None and confidence < interval.low
        points = f"{100 * abs(excess):.0f} points on average"
        if is_above:
            how = f"It is too sure of itself: it is right less often than its percentages say (by {points})."
        elif is_below:
            how = f"It is too cautious: it is right more often than its percentages say (by {points})."
        else:  # the error is a sum of gaps in both directions, and those of a few images are chance
            how = (
                f"Its percentages are off by {100 * ece:.0f} points on average, some too high and some too "
                "low; part of that is chance."
            )
        is_poor = ece > POOR and is_above
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


IMPLEMENTATION = Calibration()
