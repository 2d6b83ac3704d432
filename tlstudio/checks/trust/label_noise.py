"""Labels of the training that look wrong: they contradict what all other images say."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.label_findings import labels_finding
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.specs.checks.label_noise import SPEC


class LabelNoise:
    """Names the labels that look wrong, the least plausible first."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        return [
            labels_finding(
                evidence.label_scores,
                check=SPEC.id,
                which="that it learned from or was chosen by",
                mend="Look at {them}, relabel or leave out what is wrong, and train again.",
            )
        ]


IMPLEMENTATION = LabelNoise()
