"""Classes with too few images to learn from or to measure on, and folders with none."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.enough import FEW_OF_CLASS
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.specs.checks.tiny_classes import SPEC


class TinyClasses:
    """Finds classes that are too small, and class folders without images."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        findings = []
        images, empty = evidence.dataset.by_class(), evidence.dataset.empty_classes
        small = {name: records for name, records in images.items() if len(records) < FEW_OF_CLASS}
        if small:
            listed = ", ".join(f"{name} ({len(records)})" for name, records in small.items())
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="warning",
                    message=f"{count(len(small), 'class', plural='classes')} "
                    f"{'has' if len(small) == 1 else 'have'} fewer than {FEW_OF_CLASS} images: {listed}.",
                    numbers={"classes": len(small)},
                    paths=tuple(record.path for records in small.values() for record in records),
                    mend="Collect more images of them, or leave them out: their figures will mean little.",
                )
            )
        if empty:
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="warning",
                    message=f"{count(len(empty), 'class', plural='classes')} without a usable image "
                    f"{'does' if len(empty) == 1 else 'do'} not count: {', '.join(empty)}.",
                    numbers={"classes": len(empty)},
                    mend="Give images to each, or delete it.",
                )
            )
        if findings:
            return findings
        if not images:
            return [
                Finding(check=SPEC.id, severity="note", message="There are no classes to count images of.")
            ]
        message = f"Every class has at least {FEW_OF_CLASS} images."
        return [Finding(check=SPEC.id, severity="ok", message=message)]


IMPLEMENTATION = TinyClasses()
