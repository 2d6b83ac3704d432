"""Asks whether more images would help, by the learning curve of the run."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.evaluation.enough import answer, now_of
from tlstudio.specs.checks.more_images import SPEC


class MoreImages:
    """Says what the learning curve expects of more images."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        curve = evidence.learning_curve
        said, now, then = answer(curve), now_of(curve), curve.expected
        numbers: dict[str, float | int | str] = {
            "more_per_class": curve.more_per_class,
            "accuracy": then.accuracy,
            "low": then.interval[0],
            "high": then.interval[1],
            "accuracy_now": now.accuracy,
            "low_now": now.interval[0],
            "high_now": now.interval[1],
            "n": curve.judged,
        }
        if curve.gain is not None:
            numbers |= {"gain_low": curve.gain[0], "gain_high": curve.gain[1]}
        if curve.weak_class:
            numbers |= {
                "class": curve.weak_class,
                "class_mistakes": curve.weak_mistakes,
                "mistakes": curve.mistakes,
            }
        return [
            Finding(
                check=SPEC.id,
                severity=said.severity,
                message=said.message,
                meaning=said.meaning,
                mend=said.mend,
                numbers=numbers,
            )
        ]


IMPLEMENTATION = MoreImages()
