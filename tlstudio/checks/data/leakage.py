"""Copies and groups on several sides of the split: the test then measures memory."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.data.leaks import find_leaks, leak_sentences
from tlstudio.specs.checks.leakage import SPEC


class Leakage:
    """Looks at the split, or at the division that came with the images."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        images = evidence.dataset.images
        if evidence.has("split"):
            sides = dict(evidence.split.assignment)
        else:
            sides = {image.path: image.given_split for image in images if image.given_split is not None}
        if not sides:
            message = "No division came with the images; the one that is drawn keeps copies on one side."
            return [Finding(check=SPEC.id, severity="ok", message=message)]
        leaks = find_leaks(images, sides)
        found = [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=sentence,
                meaning="Results on check and test images look better than they are.",
                mend="Take the copies out of all parts but one, or have the images divided anew.",
                numbers={"images": len(paths)},
                paths=paths,
            )
            for sentence, paths in leak_sentences(leaks)
        ]
        message = "No exact copy and no group lies on two sides of the division."
        return found or [Finding(check=SPEC.id, severity="ok", message=message)]


IMPLEMENTATION = Leakage()
