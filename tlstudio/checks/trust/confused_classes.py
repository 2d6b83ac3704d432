"""The most frequent mistake."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.specs.checks.confused_classes import SPEC


class ConfusedClasses:
    """Finds the largest count off the diagonal of the confusion matrix."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        column = evidence.evaluation.primary
        metrics = column.metrics
        if not metrics.n:
            message = "Which classes are mixed up is not known: there are no labelled images."
            return [Finding(check=SPEC.id, severity="note", message=message)]
        cell = metrics.worst_cell()
        if cell is None:
            message = (
                f"All {metrics.n} predictions are right." if metrics.n > 1 else "The prediction is right."
            )
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        true, predicted = cell
        number = metrics.confusion[true][predicted]
        names = {"class": metrics.classes[true], "taken_for": metrics.classes[predicted]}
        return [
            Finding(
                check=SPEC.id,
                severity="note",
                message=f"No two classes are mixed up twice: {names['class']} taken for "
                f"{names['taken_for']}, once."
                if number == 1
                else f"Most often mixed up: {names['class']} taken for {names['taken_for']}, {number} times.",
                mend="See whether you can tell these images apart, and whether their labels are right.",
                numbers={**names, "images": number},
                paths=column.cell(true, predicted),
            )
        ]


IMPLEMENTATION = ConfusedClasses()
