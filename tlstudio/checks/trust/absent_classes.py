"""Classes without a single image to measure on."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import named
from tlstudio.specs.checks.absent_classes import SPEC


class AbsentClasses:
    """Finds classes without an image among those that were evaluated."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        classes = evidence.evaluation.primary.metrics.per_class
        absent = [row.class_name for row in classes if not row.n]
        if not absent:
            return [Finding(check=SPEC.id, severity="ok", message="Every class was tested.")]
        return [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=f"No images of {named(absent)}: nothing is known about them, and the averages leave "
                "them out.",
                mend="Collect more images of them, or keep more of them for testing (Data → Split).",
                numbers={"classes": len(absent)},
            )
        ]


IMPLEMENTATION = AbsentClasses()
