"""Labels of the training that look wrong: they contradict what all other images say."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.wording import count
from tlstudio.specs.checks.label_noise import SPEC


class LabelNoise:
    """Names the labels that look wrong, the least plausible first."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        scored = evidence.label_scores
        suspected, n = scored.suspected(), scored.judged
        unjudged = len(scored.labels) - n
        numbers: dict[str, float | int | str] = {
            "suspected": len(suspected),
            "n": n,
            "unjudged": unjudged,
            "rate": scored.rate,
            "low": scored.interval[0],
            "high": scored.interval[1],
        }
        few = ""
        if unjudged:
            few = f" {count(unjudged, 'label')} of classes with too few images could not be judged."
        if not suspected:
            return [
                Finding(
                    check=SPEC.id,
                    severity="ok",
                    message=f"None of the {count(n, 'label')} that it learned from or was chosen by stands "
                    "out as wrong.",
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
                message=f"{count(len(suspected), 'label looks', plural='labels look')} wrong, of {n} that it "
                "learned from or was chosen by.",
                meaning=f"What all other images say contradicts {them}; a rare or unusual image can be among "
                f"them. About {percent(scored.rate, digits=1)} of the labels are wrong, as estimated (95 % "
                f"interval {percent_range(*scored.interval, digits=1)} %).{few}",
                mend=f"Look at {them}, relabel or leave out what is wrong, and train again.",
                numbers=numbers,
                paths=tuple(one.path for one in suspected),
            )
        ]


IMPLEMENTATION = LabelNoise()
