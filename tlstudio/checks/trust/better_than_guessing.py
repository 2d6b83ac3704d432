"""The verdict: is it usable, compared with chance and with always naming the largest class?"""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.evaluation.verdict import verdict
from tlstudio.specs.checks.better_than_guessing import SPEC


class BetterThanGuessing:
    """Judges the accuracy and its interval; see `evaluation.verdict`."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        evaluation = evidence.evaluation
        metrics = evaluation.primary.metrics
        judged = verdict(
            metrics.confusion, metrics.classes, images=evaluation.images, interval=metrics.interval
        )
        numbers: dict[str, float | int | str] = {
            "accuracy": judged.accuracy,
            "low": judged.low,
            "high": judged.high,
            "chance": judged.chance,
            "guessing": judged.guessing,
            "n": judged.n,
        }
        return [
            Finding(
                check=SPEC.id,
                severity=judged.severity,
                message=judged.message,
                mend=judged.mend,
                numbers=numbers if judged.n else {},
            )
        ]


IMPLEMENTATION = BetterThanGuessing()
