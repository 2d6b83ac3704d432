"""Check that the accuracy beats the baseline of always predicting the largest class."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.evaluation.metric_values import guessing_accuracy
from tlstudio.specs.checks.better_than_guessing import SPEC


class BetterThanGuessing:
    """Compares the accuracy with the share of the largest class."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        metrics = evidence.evaluation.primary.metrics
        guessing = guessing_accuracy(metrics.confusion)
        if guessing is None or metrics.accuracy is None:
            message = "Whether it is better than guessing is not known: there are no labelled images."
            return [Finding(check=SPEC.id, severity="note", message=message)]
        meaning = f"Always naming the largest class would be right for {percent(guessing)} of the images."
        numbers = {"accuracy": metrics.accuracy, "guessing": guessing, "n": metrics.n}
        if metrics.accuracy <= guessing:
            return [
                Finding(
                    check=SPEC.id,
                    severity="serious",
                    message="No better than always naming the largest class.",
                    meaning=meaning,
                    mend="Check the labels first; then try another backbone, or train more of it.",
                    numbers=numbers,
                )
            ]
        points = max(round(100 * (metrics.accuracy - guessing)), 1)
        return [
            Finding(
                check=SPEC.id,
                severity="ok",
                message=f"{points} {'point' if points == 1 else 'points'} better than blind guessing.",
                meaning=meaning,
                numbers=numbers,
            )
        ]


IMPLEMENTATION = BetterThanGuessing()
