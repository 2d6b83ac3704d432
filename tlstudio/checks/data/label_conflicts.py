"""Exact copies with different labels: at least one of them must be wrong."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.copies import columns_in_conflict, copies_of_one_image
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.specs.checks.label_conflicts import SPEC


class LabelConflicts:
    """Finds copies of one image that have different labels."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        conflicts = [
            images for images in copies_of_one_image(evidence.dataset) if columns_in_conflict(images)
        ]
        if not conflicts:
            message = "No image has an exact copy with another label."
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        return [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=f"{count(len(conflicts), 'image')} "
                f"{'lies' if len(conflicts) == 1 else 'lie'} in more than one class: "
                "the same picture with different labels.",
                meaning="The classifier is taught two answers to one question, and one always counts wrong.",
                mend="Decide which class is right and take the other copies out.",
                numbers={"images": len(conflicts)},
                paths=tuple(image.path for images in conflicts for image in images),
            )
        ]


IMPLEMENTATION = LabelConflicts()
