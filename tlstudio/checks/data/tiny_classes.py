"""Classes with too few images to learn from or to measure on, and folders with none."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.enough import FEW_OF_CLASS
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count, named
from tlstudio.data.given_division import classes_not_taught
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
        if untaught := classes_not_taught(evidence.dataset.images):
            findings.append(
                Finding(
                    check=SPEC.id,
                    severity="warning",
                    message=f"The division that came with the images gives none of {named(list(untaught))} "
                    "for training.",
                    meaning="What no image was trained on is never recognised.",
                    mend="Move some of its images to training, or leave the class out."
                    if len(untaught) == 1
                    else "Move some of their images to training, or leave the classes out.",
                    numbers={"classes": len(untaught)},
                    paths=tuple(path for paths in untaught.values() for path in paths),
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
