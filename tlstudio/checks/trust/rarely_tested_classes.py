"""Classes that are measured on so few images that their own figures are only hints."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.enough import FEW_OF_CLASS
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count, named
from tlstudio.specs.checks.rarely_tested_classes import SPEC


class RarelyTestedClasses:
    """Counts the images of each class that has any."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        classes = evidence.evaluation.primary.metrics.per_class
        few = sorted((row.n, row.class_name) for row in classes if 0 < row.n < FEW_OF_CLASS)
        if not few:
            message = f"Every class that was tested has at least {FEW_OF_CLASS} images."
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        if len(few) == 1:
            number, name = few[0]
            message = f"{name}: only {count(number, 'image')} to measure on."
        else:
            listed = named([f"{name} ({number})" for number, name in few])
            message = f"Fewer than {FEW_OF_CLASS} images to measure on: {listed}."
        return [
            Finding(
                check=SPEC.id,
                severity="note",
                message=message,
                meaning="The figures of these classes are only hints.",
                mend="Collect more images of them.",
                numbers={"classes": len(few)},
            )
        ]


IMPLEMENTATION = RarelyTestedClasses()
