"""The images that the backbone learned from before: its knowledge is of them, and so are its gaps.

Of ImageNet's photos whose place is known, 45 % are from the United States, and about 3 % from China and India
together (Shankar et al. 2017, arXiv:1711.08536).
"""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.specs.checks.source_bias import SPEC

EVERYDAY = ("ImageNet", "LVD")
"""Beginnings of the names of collections of everyday photos from the web."""
AT_RISK = "It may do worse for places, devices or people that were rare among them."
COMPARE = (
    "If your images come from several places, devices or groups of people, note which in a column of the "
    "table "
    "beside the images, so that they are compared here."
)


class SourceBias:
    """Says what the catalogue knows of the images that the backbone learned from."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        backbone = evidence.known_backbone
        if backbone is None or not backbone.pretrained_on:
            message = f"From which images {evidence.recipe.backbone.id} learned to see is not known here."
            return [Finding(check=SPEC.id, severity="note", message=message, meaning=AT_RISK, mend=COMPARE)]
        meaning = AT_RISK
        if backbone.pretraining_name.startswith(EVERYDAY):
            meaning = (
                "It knows everyday photos best and has seen hardly any X-rays, microscope or satellite "
                "images. "
                f"{AT_RISK}"
            )
        return [
            Finding(
                check=SPEC.id,
                severity="note",
                message=f"{backbone.title} learned to see from {backbone.pretrained_on}.",
                meaning=meaning,
                mend=COMPARE,
                numbers={"pretrained_on": backbone.pretrained_on},
            )
        ]


IMPLEMENTATION = SourceBias()
