"""The class with the lowest recall: a good average can hide it."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.enough import FEW_OF_CLASS
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.specs.checks.weakest_class import SPEC


class WeakestClass:
    """Finds the class with the lowest recall."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        classes = evidence.evaluation.primary.metrics.per_class
        found = [(row.recall, row) for row in classes if row.recall is not None]
        if len(found) < 2:
            message = "A weakest class cannot be named: fewer than two classes were tested."
            return [Finding(check=SPEC.id, severity="note", message=message)]
        recall, weakest = min(found, key=lambda entry: entry[0])
        if recall >= 1:
            message = "Every image of every class was found."
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        few = f"; with {count(weakest.n, 'image')} that is only a hint" if weakest.n < FEW_OF_CLASS else ""
        return [
            Finding(
                check=SPEC.id,
                severity="note",
                message=f"Weakest class: {weakest.class_name}, {round(recall * weakest.n)} of {weakest.n} "
                f"found{few}.",
                mend="See in the table per class what it is taken for, and add images of it.",
                numbers={"class": weakest.class_name, "recall": recall, "n": weakest.n},
            )
        ]


IMPLEMENTATION = WeakestClass()
