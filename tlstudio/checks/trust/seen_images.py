"""Images of another folder that had a part in the training; with them its figures would be too good."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.wording import count
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.inference.training_images import doubt_words
from tlstudio.specs.checks.seen_images import SPEC

TOO_GOOD = "It was shown them with their labels, so with them the figures would be too good."


class SeenImages:
    """Counts the images that were left out, and says how far that could be checked."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        left_out = evidence.left_out
        findings = []
        if left_out.seen:
            findings.append(_about_seen(left_out, counted=evidence.evaluation.n))
        if left_out.compared < left_out.known or not left_out.known:
            findings.append(_about_unknown(left_out))
        return findings or [
            Finding(
                check=SPEC.id,
                severity="ok",
                message=f"No image here is among the {count(left_out.known, 'image')} of its training"
                f"{', as they are now' if left_out.of_now else ''}.",
                numbers={"compared": left_out.compared},
            )
        ]


def _about_seen(left_out: LeftOut, *, counted: int) -> Finding:
    seen = left_out.seen
    number, alike = len(seen), len(left_out.alike)
    learned = sum(image.split == "train" for image in seen.values())
    saved_again = f", {alike} of them saved in another way, cut or turned" if alike else ""
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=f"{number} of {count(number + counted, 'image')} had a part in the training (it learned from "
        f"{learned} and was chosen by {number - learned}){saved_again}; "
        f"{'this one is' if number == 1 else 'they are'} left out.",
        meaning=TOO_GOOD,
        mend="Evaluate on images that had no part in the training.",
        numbers={
            "same_file": len(left_out.same),
            "same_picture": alike,
            "learned_from": learned,
            "chosen_by": number - learned,
        },
        paths=tuple(sorted(seen)),
    )


def _about_unknown(left_out: LeftOut) -> Finding:
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=doubt_words(
            "Whether these images had a part in the training",
            compared=left_out.compared,
            known=left_out.known,
        ),
        meaning=TOO_GOOD,
        mend="Make sure that none of these images was used for it, or train again and evaluate the new run.",
        numbers={"compared": left_out.compared, "known": left_out.known},
    )


IMPLEMENTATION = SeenImages()
