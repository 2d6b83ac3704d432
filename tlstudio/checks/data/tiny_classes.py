"""Classes with too few images to learn from or to measure on, and folders with none."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.data import CHECKS, count
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.types import Finding

FEW = 10
"""Below this a class cannot have two images each for validation and test at the usual fractions."""


class TinyClasses:
    """Says which classes are too small, and which folders were left out as empty."""

    id = "tiny-classes"
    title = "Very small classes"

    def find(self, dataset: Dataset, *, control: Control) -> Sequence[Finding]:
        """See `HealthCheck.find`."""
        findings = []
        small = {name: records for name, records in dataset.by_class().items() if len(records) < FEW}
        if small:
            listed = ", ".join(f"{name} ({len(records)})" for name, records in small.items())
            findings.append(
                Finding(
                    check=self.id,
                    severity="warning",
                    message=f"{count(len(small), 'class', plural='classes')} "
                    f"{'has' if len(small) == 1 else 'have'} fewer than {FEW} images: {listed}.",
                    paths=tuple(record.path for records in small.values() for record in records),
                    mend="Collect more images of them, or leave them out: their figures will mean little.",
                )
            )
        if dataset.empty_classes:
            findings.append(
                Finding(
                    check=self.id,
                    severity="warning",
                    message=f"{count(len(dataset.empty_classes), 'folder')} without a usable image "
                    f"{'is' if len(dataset.empty_classes) == 1 else 'are'} no class: "
                    f"{', '.join(dataset.empty_classes)}.",
                    mend="Put images into them, or remove them.",
                )
            )
        return findings or [
            Finding(check=self.id, severity="ok", message=f"Every class has at least {FEW} images.")
        ]


CHECKS.register(TinyClasses())
