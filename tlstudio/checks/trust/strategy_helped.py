"""Check of the strategy: is its result better than the plain start?"""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.specs.checks.strategy_helped import SPEC


class StrategyHelped:
    """Says what the run's comparison with the plain start found, and which of the two was kept."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        found = evidence.strategy_comparison
        meaning = f"Compared on {found.n} images that had no part in training either of them."
        if found.reason:  # the reason says which images they are
            meaning = f"Measured on {found.n} images."
        if not found.labelled:
            meaning = f"Compared on {found.n} images without labels: this is agreement, not accuracy."
        return [
            Finding(
                check=SPEC.id,
                severity="note" if found.start_returned else "ok",
                message=found.sentence,
                meaning=meaning,
                numbers={
                    "accuracy": found.accuracy,
                    "start_accuracy": found.start_accuracy,
                    "difference": found.difference,
                    "low": found.interval[0],
                    "high": found.interval[1],
                    "n": found.n,
                    **found.numbers,
                },
            )
        ]


IMPLEMENTATION = StrategyHelped()
