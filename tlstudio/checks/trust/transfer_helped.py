"""Check of negative transfer: did pretraining help, or would a backbone that learned nothing do as well?"""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding, Severity
from tlstudio.core.percent import percent, points
from tlstudio.specs.checks.transfer_helped import SPEC


class TransferHelped:
    """Judges the difference between a head on the pretrained backbone and one on random weights."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        found = evidence.pretraining_comparison
        low, high = found.interval
        amount = points(found.difference, found.interval)
        severity: Severity
        if low > 0:
            severity, message = "ok", f"Pretraining helped by {amount}."
            mend = ""
        elif high < 0:
            severity, message = "warning", f"Pretraining harmed: {amount}."
            mend = "Try another backbone, one whose pretraining images are more like yours."
        else:
            severity, message = "note", f"It is not shown that pretraining helped: {amount}."
            mend = "More images would show it, or try another backbone."
        return [
            Finding(
                check=SPEC.id,
                severity=severity,
                message=message,
                meaning=f"On {found.n} images that had no part in it, a head on the pretrained backbone was "
                f"right for {percent(found.accuracy)}, on the same backbone with random weights for "
                f"{percent(found.random_accuracy)}; always naming the largest class, for "
                f"{percent(found.majority_accuracy)}.",
                mend=mend,
                numbers={
                    "accuracy": found.accuracy,
                    "random_accuracy": found.random_accuracy,
                    "majority_accuracy": found.majority_accuracy,
                    "difference": found.difference,
                    "low": low,
                    "high": high,
                    "n": found.n,
                },
            )
        ]


IMPLEMENTATION = TransferHelped()
