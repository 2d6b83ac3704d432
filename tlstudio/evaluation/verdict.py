"""The verdict on a classifier: one sentence that follows from its accuracy, the interval and two baselines.

It is compared with chance (naming any class) and with always naming the largest class. It counts as usable
only when, even at the low end of its interval, it avoids at least half of the mistakes of the latter: 5 %
right of 60 classes is more than chance, and of no use.

Importing this module loads neither numpy nor torch: the window judges runs with it, older ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

from tlstudio.core.finding import Finding, Severity, most_severe_first
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.types import Interval
from tlstudio.evaluation.intervals import wilson

USABLE = 0.5
"""Share of the mistakes of always naming the largest class that must be avoided."""
ENOUGH_IMAGES = 100
"""Images below which the 95 % interval of an accuracy of 90 % is more than 12 points wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Verdict on a classifier: its figures in a sentence, and what to do next.

    Attributes:
        severity: "ok" only when it is usable; "serious" when it is no better than a baseline.
        message: One sentence with its figures.
        mend: What to do next.
        claim: What the message begins with.
        figures: What it ends with.
        accuracy: Fraction; 0 without images.
        low: Of the 95 % interval.
        high: Of the 95 % interval.
        chance: Accuracy of naming any class.
        guessing: Accuracy of always naming the largest class.
        n: Number of images.
    """

    severity: Severity
    message: str
    mend: str = ""
    claim: str = ""
    figures: str = ""
    accuracy: float = 0.0
    low: float = 0.0
    high: float = 1.0
    chance: float = 0.0
    guessing: float = 0.0
    n: int = 0


def verdict(
    confusion: Sequence[Sequence[int]],
    classes: Sequence[str],
    *,
    images: str,
    interval: Interval | None = None,
) -> Verdict:
    """Judge a classifier by its confusion matrix.

    Args:
        confusion: Counts [true][predicted], K × K; may be empty.
        classes: K names.
        images: What they are: "test images".
        interval: Of the accuracy, where images come in groups; None takes Wilson's.
    """
    sizes = [sum(row) for row in confusion]
    n = sum(sizes)
    if not n:
        return Verdict(
            severity="note",
            message="Whether it is usable is not known, because there are no labelled images to measure on.",
            mend="Next, keep some images for testing (Data → Split).",
        )
    right = sum(row[index] for index, row in enumerate(confusion))
    interval = interval or wilson(right, n)
    largest = max(range(len(sizes)), key=sizes.__getitem__)
    accuracy, chance, guessing = right / n, 1 / len(sizes), sizes[largest] / n
    severity, claim, mend = _judge(
        accuracy=accuracy, low=interval.low, high=interval.high, chance=chance, guessing=guessing, n=n
    )
    by_chance, by_largest = percent(chance, digits=1), percent(guessing, digits=1)
    baselines = (
        f"chance would give {by_chance}, always naming {classes[largest]}, the largest class, {by_largest}"
    )
    if by_chance == by_largest:
        baselines = f"chance, or always naming one class, would give {by_chance}"
    figures = (
        f"{percent(accuracy, digits=1)} of {n} {images} right, 95 % interval "
        f"{percent_range(*interval.pair)}; {baselines}."
    )
    return Verdict(
        severity=severity,
        message=f"{claim}: {figures}",
        mend=mend,
        claim=claim,
        figures=figures,
        accuracy=accuracy,
        low=interval.low,
        high=interval.high,
        chance=chance,
        guessing=guessing,
        n=n,
    )


def weigh(judged: Verdict, findings: Iterable[Finding]) -> Verdict:
    """Take the gravest finding into a verdict, where it limits what the classifier can be used for.

    A serious one forbids its use, whatever the figures are; a warning is a reservation about good figures.
    Beside figures that are not good enough only a serious one is told.

    Args:
        judged: By the figures alone.
        findings: Of the checks; only those count whose spec says that they limit use.
    """
    from tlstudio.specs import CHECKS  # brings pydantic

    limiting = {spec.id for spec in CHECKS if spec.limits_use}
    grave = [one for one in findings if one.check in limiting and one.severity in ("serious", "warning")]
    if not grave or not judged.n:
        return judged
    gravest = most_severe_first(grave)[0]
    good, is_serious = judged.severity == "ok", gravest.severity == "serious"
    if not good and not is_serious:
        return judged
    claim = f"{judged.claim}, with a reservation" if good and not is_serious else "Not to be trusted yet"
    # In front of a mend that is a sentence of its own.
    mend = f"Next: {gravest.mend}" if gravest.mend else judged.mend
    return replace(
        judged,
        severity="serious" if is_serious else "warning",
        message=f"{claim}: {gravest.message.rstrip('.')}. In figures: {judged.figures}",
        mend=mend,
        claim=claim,
    )


def _judge(
    *, accuracy: float, low: float, high: float, chance: float, guessing: float, n: int
) -> tuple[Severity, str, str]:
    """The severity, the claim with its reason, and what to do next."""
    tests = ["test it on more images"] if n < ENOUGH_IMAGES else []
    if high < chance:
        return (
            "serious",
            "Not usable yet, because it does worse than chance",
            "Next, check the labels and the names of the folders: classes may be mixed up.",
        )
    if low <= chance:
        return (
            "serious",
            "Not usable yet, because it cannot be told from chance",
            _next("check the labels", "add images of each class", *tests),
        )
    if guessing == 1:
        return (
            "note",
            "Whether it is usable cannot be told, because all of these images are of one class",
            "Next, measure it on images of every class.",
        )
    if low <= guessing:
        return (
            "serious",
            "Not usable yet, because it is not surely better than always naming one class",
            _next("add images of the small classes", "switch on class weighting", *tests),
        )
    if _avoided(high, guessing) < USABLE:
        return (
            "warning",
            "Not usable yet, because most of the mistakes remain",
            _next("look at the most wrong images", "mend labels", "add images", "let more stages learn"),
        )
    if _avoided(low, guessing) < USABLE:
        return (
            "note",
            f"Not proven yet, because up to {percent(1 - low)} of its answers may be wrong",
            # Where every answer is right there is no wrong image to look at.
            _next(*(["look at the most wrong images"] if accuracy < 1 else []), "add images", *tests),
        )
    wrong = ceil(100 * (1 - low))
    most = f"{wrong} wrong {'answer' if wrong == 1 else 'answers'} in 100"
    if accuracy == 1:
        # No mistake seen is not no mistake made.
        other = "try it on images that were taken at another time or place"
        return ("ok", "Usable with care", f"Next, {other}: up to {most} are still possible.")
    return (
        "ok",
        "Usable with care",
        "Next, see which classes it mixes up, and decide whether "
        f"{floor(100 * (1 - high))} to {most} are few enough for you; else let it ask a person when unsure.",
    )


def _next(*steps: str) -> str:
    """One sentence of steps: "Next, do this, do that and do the other."."""
    *first, last = steps
    return f"Next, {', '.join(first)} and {last}." if first else f"Next, {last}."


def _avoided(accuracy: float, guessing: float) -> float:
    """Share of the mistakes of always naming the largest class that this accuracy avoids."""
    return (accuracy - guessing) / (1 - guessing)
