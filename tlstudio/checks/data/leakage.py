"""Copies and groups on several sides of the split: the test then measures memory.

Of a trained classifier, the accuracy without these images is said beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

import numpy as np

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.core.types import SPLIT_NAMES, SPLIT_WORDS, SplitName
from tlstudio.data.leaks import find_leaks, leak_sentences
from tlstudio.evaluation.intervals import wilson
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
        if not evidence.has("backbone"):  # of data alone, near-duplicates have a check of their own
            leaks = replace(leaks, near=(), near_pictures=0)
        without, figures = _without(
            evidence, sides, {path for _, paths in leak_sentences(leaks) for path in paths}
        )
        found = [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=sentence,
                meaning=f"Results on check and test images look better than they are.{without}",
                mend="Take the copies out of all parts but one, or have the images divided anew.",
                numbers={"images": len(paths), **figures},
                paths=paths,
            )
            for sentence, paths in leak_sentences(leaks)
        ]
        message = "No exact copy and no group lies on two sides of the division."
        return found or [Finding(check=SPEC.id, severity="ok", message=message)]


def _without(
    evidence: Evidence, sides: Mapping[str, SplitName], leaked: Set[str]
) -> tuple[str, dict[str, float]]:
    """The accuracy of a classifier without the images that lie on several sides: a sentence, and numbers."""
    if not leaked or not evidence.has("predictions"):
        return "", {}
    evaluation = evidence.evaluation
    predictions = evaluation.primary.predictions
    if predictions is None or evaluation.subset not in SPLIT_NAMES:
        return "", {}
    labelled = predictions.labelled()
    right = labelled.predicted_indices == labelled.true_indices
    kept = np.array([path not in leaked for path in labelled.paths], dtype=np.bool_)
    images = f"{SPLIT_WORDS[evaluation.subset]} images"
    if kept.all():
        return f" None of the {images} is among them.", {}
    if not kept.any():
        return f" All {len(kept)} {images} are among them: how good it is is not known.", {}
    rates = []
    for part in (right, right[kept]):
        low, high = (percent(end) for end in wilson(int(part.sum()), len(part)).pair)
        rates.append(f"{percent(float(part.mean()))} of {len(part)} (95 % interval {low} to {high})")
    words = f" Of the {images} it gets {rates[0]} right; without those that are among them, {rates[1]}."
    return words, {"accuracy_without": float(right[kept].mean()), "n_without": int(kept.sum())}


IMPLEMENTATION = Leakage()
