"""Exact copies: the same bytes under several names."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.copies import columns_in_conflict, copies_of_one_image
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding, MendAction
from tlstudio.core.wording import count
from tlstudio.specs.checks.exact_duplicates import SPEC


class ExactDuplicates:
    """Counts copies whose labels agree. They are harmless, since a split keeps copies on one side."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        found = copies_of_one_image(evidence.dataset)
        copies = [images for images in found if not columns_in_conflict(images)]
        if not copies:
            # Copies whose labels differ are told by another check; this one must not deny them.
            with_one_label = " with the same label" if found else ""
            message = f"No image is an exact copy of another{with_one_label}."
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        surplus = sum(len(images) - 1 for images in copies)
        action = MendAction(
            kind="leave-out",
            words=f"Leave out {count(surplus, 'copy', plural='copies')}",
            paths=tuple(image.path for images in copies for image in images[1:]),
        )
        return [
            Finding(
                check=SPEC.id,
                severity="note",
                message=f"{count(surplus, 'file')} "
                f"{'is an exact copy' if surplus == 1 else 'are exact copies'} of another; "
                "copies stay on one side of the split.",
                mend="Nothing to do; leaving the copies out makes the counts truer.",
                numbers={"copies": surplus},
                paths=tuple(image.path for images in copies for image in images),
                action=action,
            )
        ]


IMPLEMENTATION = ExactDuplicates()
