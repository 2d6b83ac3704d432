"""Labels that look wrong: they contradict what all other images say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding, MendAction
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.wording import count
from tlstudio.specs.checks.suspected_labels import SPEC

if TYPE_CHECKING:
    from tlstudio.evaluation.label_scores import ScoredLabels


class SuspectedLabels:
    """Names the labels that look wrong, the least plausible first."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        from tlstudio.training.trials.label_noise import MOST_IMAGES  # needs torch, as what follows

        images = evidence.dataset.labelled()
        if len(images) > MOST_IMAGES:
            return [_note(f"The labels of more than {MOST_IMAGES} images are not compared with each other.")]
        if len({image.label() for image in images}) < 2:
            return [_note("Labels can be compared once two classes have images.")]
        scored = _score(evidence, control)
        if scored is None:
            return [_note("The classes have too few images to compare their labels.")]
        suspected, n = scored.suspected(), scored.judged
        unjudged = len(scored.labels) - n
        few = (
            f" {count(unjudged, 'label')} of classes with too few images could not be judged."
            if unjudged
            else ""
        )
        numbers: dict[str, float | int | str] = {
            "suspected": len(suspected),
            "n": n,
            "rate": scored.rate,
            "low": scored.interval[0],
            "high": scored.interval[1],
        }
        if not suspected:
            return [
                Finding(
                    check=SPEC.id,
                    severity="ok",
                    message=f"None of {count(n, 'label')} stands out as wrong.",
                    meaning="Each label was compared with what all other images say about its image. At most "
                    f"{percent(scored.interval[1])} of the labels are wrong, as far as that can show.{few}",
                    numbers=numbers,
                )
            ]
        them = "it" if len(suspected) == 1 else "them"
        return [
            Finding(
                check=SPEC.id,
                severity="warning",
                message=f"{count(len(suspected), 'label looks', plural='labels look')} wrong, of {n}.",
                meaning=f"What all other images say contradicts {them}; a rare or unusual image can be among "
                f"{them}. About {percent(scored.rate, digits=1)} of the labels are wrong, as estimated (95 % "
                f"interval {percent_range(*scored.interval, digits=1)} %).{few}",
                mend=f"Look at {them}, the likeliest first: label anew or leave out what is wrong.",
                numbers=numbers,
                paths=tuple(one.path for one in suspected),
                action=MendAction(
                    kind="leave-out",
                    words=f"Leave out {count(len(suspected), 'image')}",
                    paths=tuple(one.path for one in suspected),
                    suggested=tuple(one.suggestion for one in suspected),
                ),
            )
        ]


def _score(evidence: Evidence, control: Control) -> ScoredLabels | None:
    import torch

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
