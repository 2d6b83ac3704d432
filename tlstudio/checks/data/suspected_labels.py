"""Labels that look wrong: they contradict what all other images say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tlstudio.checks.evidence import Evidence
from tlstudio.checks.label_findings import labels_finding
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding, MendAction
from tlstudio.core.wording import count
from tlstudio.data.units import unit_numbers
from tlstudio.evaluation.label_scores import MOST_IMAGES, ScoredLabels, can_be_judged
from tlstudio.specs.checks.suspected_labels import SPEC


class SuspectedLabels:
    """Names the labels that look wrong, the least plausible first."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        images = evidence.dataset.labelled()
        if len(images) > MOST_IMAGES:
            return [_note(f"The labels of more than {MOST_IMAGES} images are not compared with each other.")]
        if len({image.label() for image in images}) < 2:
            return [_note("Labels can be compared once two classes have images.")]
        labels = [image.label() or "" for image in images]
        scored = None
        if any(can_be_judged(labels, units=unit_numbers(images))):
            scored = _score(evidence, control)
        if scored is None:
            return [_note("The classes have too few images to compare their labels.")]
        called_right = {image.path for image in images if image.called_right}
        finding = labels_finding(
            scored,
            check=SPEC.id,
            mend="Look at {them}, the likeliest first: label anew or leave out what is wrong.",
            called_right=called_right,
        )
        suspected = [one for one in scored.suspected() if one.path not in called_right]
        if not suspected:
            return [finding]
        action = MendAction(
            kind="leave-out",
            words=f"Leave out {count(len(suspected), 'image')}",
            paths=tuple(one.path for one in suspected),
            suggested=tuple(one.suggestion for one in suspected),
        )
        return [replace(finding, action=action)]


def _score(evidence: Evidence, control: Control) -> ScoredLabels | None:
    import torch  # takes seconds, and is not needed to say that images are too few

    from tlstudio.training.trials.label_noise import scored_labels

    images, classes = evidence.dataset.labelled(), evidence.dataset.classes
    features = evidence.features(control=control)
    rows = {path: row for row, path in enumerate(features.paths)}
    labels = [classes.index(image.label() or "") for image in images]
    return scored_labels(
        torch.from_numpy(features.values[[rows[image.path] for image in images]]),
        torch.tensor(labels, dtype=torch.int64),
        images,
        classes=classes,
        seed=0,
        control=control,
    )


def _note(message: str) -> Finding:
    return Finding(check=SPEC.id, severity="note", message=message)


IMPLEMENTATION = SuspectedLabels()
