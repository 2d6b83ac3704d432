"""Figures from few images, or from images that the classifier was chosen by."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.finding import Finding
from tlstudio.core.percent import percent
from tlstudio.core.rough import roughly
from tlstudio.core.wording import count
from tlstudio.evaluation.check_figures import check_figures_words
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.how_many_images import images_to_halve
from tlstudio.specs.checks.too_few_tests import SPEC

ENOUGH_IMAGES = 100
"""Images below which the 95 % interval of an accuracy of 90 % is more than 12 points wide."""

MEND = "Keep more images for testing (Data → Split), or collect more."


class TooFewTests:
    """Counts the images behind the metrics, and checks which split they are from."""

    def examine(self, evidence: Evidence, *, control: Control) -> Sequence[Finding]:
        """See `Check.examine`."""
        evaluation = evidence.evaluation
        findings = []
        if evaluation.subset == "validation" and evidence.has("split"):
            words = check_figures_words(learned=evidence.learns_from_check_images)
            findings.append(_about_validation(words, has_test=bool(evidence.split.paths("test"))))
        if evaluation.subset == "cross-validated":
            findings.append(_about_cross_validation(evaluation))
        elif 0 < evaluation.n < ENOUGH_IMAGES:
            findings.append(_about_few(evaluation))
        if evaluation.n == 0:
            message = "No labelled images to measure on: it is not known how good the classifier is."
            findings.append(Finding(check=SPEC.id, severity="warning", message=message, mend=MEND))
        return findings or [
            Finding(
                check=SPEC.id,
                severity="ok",
                message=f"Measured on {count(evaluation.n, 'image')}.{_range(evaluation)}",
                meaning="Of images of another kind, or taken in another way, this says nothing.",
                numbers={"n": evaluation.n},
            )
        ]


def _about_validation(words: str, *, has_test: bool) -> Finding:
    if has_test:
        return Finding(
            check=SPEC.id,
            severity="note",
            message=f"These are figures of the check images. {words} The test images are the honest measure.",
        )
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=f"This run kept no test images. These are figures of its check images. {words}",
        meaning="How good the classifier is on new images has not been measured fairly.",
        mend="Keep some images for testing (Data → Split).",
    )


def _about_cross_validation(evaluation: Evaluation) -> Finding:
    return Finding(
        check=SPEC.id,
        severity="note",
        message="Cross-validated: each image was answered by last layers that did not learn from it.",
        meaning="The interval is narrower than it should be, because these layers share most of their "
        "images. None of them is the classifier itself, which learned from other images, nor did they choose "
        "the backbone anew.",
        mend="Images that had no part in any choice are still the honest measure.",
        numbers={"n": evaluation.n},
    )


def _range(evaluation: Evaluation) -> str:
    interval = evaluation.primary.metrics.interval
    if interval is None:
        return ""
    low, high = percent(interval.low), percent(interval.high)
    return f" On many more of the same kind, probably between {low} and {high} would be right."


def _about_few(evaluation: Evaluation) -> Finding:
    interval, images = evaluation.primary.metrics.interval, count(evaluation.n, "image")
    numbers: dict[str, float | int | str] = {"n": evaluation.n}
    message, half = f"Only {images}: a rough figure.{_range(evaluation)}", ""
    if interval is not None:
        correct = round((evaluation.primary.metrics.accuracy or 0.0) * evaluation.n)
        needed = images_to_halve(correct, evaluation.n)
        half = f" About {roughly(needed)} test images would halve this range."
        numbers |= {"low": interval.low, "high": interval.high, "to_halve": needed}
    return Finding(
        check=SPEC.id,
        severity="warning",
        message=message,
        meaning=f"Small differences between runs may be luck.{half}",
        mend=MEND,
        numbers=numbers,
    )


IMPLEMENTATION = TooFewTests()
