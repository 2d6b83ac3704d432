"""Images of another folder whose values are of a kind that no image of the training had."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.values import ORDINARY, unseen_words
from tlstudio.specs.checks.unseen_values import SPEC


class UnseenValues:
    """Compares the kinds of values in the folder with the windows of the run."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        known = {ORDINARY, *(window.layout for window in evidence.trained_windows or ())}
        unseen = {
            image.path: image.values.layout
            for image in evidence.dataset.images
            if image.values is not None and image.values.layout not in known
        }
        if not unseen:
            return [Finding(check=SPEC.id, severity="ok", message="No image has values of another kind.")]
        return [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=unseen_words(list(unseen.values())),
                mend="Evaluate on images like those of the training, or train with images like these.",
                numbers={"images": len(unseen)},
                paths=tuple(unseen),
            )
        ]


IMPLEMENTATION = UnseenValues()
