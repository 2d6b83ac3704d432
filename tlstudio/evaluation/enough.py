"""The answer to “Have I done enough?”: what a learning curve says of more images, in words.

Importing this module loads neither numpy nor torch.
"""

from __future__ import annotations

from dataclasses import dataclass

from tlstudio.core.events import LearningCurve, LearningPoint
from tlstudio.core.finding import Severity
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.wording import count

WORTH_IT = 0.01
"""A gain below one point in a hundred is not worth a person's work of labelling."""
LITTLE = 0.03
"""A gain below this is called small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer in sentences.

    Attributes:
        severity: "ok" where more images would add nearly nothing.
        message: What more images would give, with the interval.
        meaning: What this is measured on, and what it stands for.
        mend: What to do next.
    """

    severity: Severity
    message: str
    meaning: str
    mend: str


def answer(curve: LearningCurve) -> Answer:
    """Say what more images would give, and of which class most of all.

    Args:
        curve: Of a run.
    """
    now, then = now_of(curve), curve.expected
    more = curve.more_per_class or round(then.images_per_class - now.images_per_class)
    images = count(more, "more image")
    gain = then.accuracy - now.accuracy
    most = curve.gain[1] if curve.gain is not None else None
    if most is not None and most < WORTH_IT:
        severity: Severity = "ok"
        lead = "Enough images of this kind"
    elif gain < WORTH_IT:
        severity, lead = "ok", "Probably enough images of this kind"
    else:
        severity, lead = "note", f"More images would help{' a little' if gain < LITTLE else ''}"
    return Answer(
        severity=severity,
        message=f"{lead}: with {images} of each class about {_share(then)} would be right, "
        f"against about {_share(now)} now.{_where(curve) if severity == 'note' else ''}",
        meaning=_meaning(curve),
        mend=_mend(curve, is_enough=severity == "ok"),
    )


def now_of(curve: LearningCurve) -> LearningPoint:
    """The point of all images that there are."""
    return curve.now or curve.points[-1]


def _share(point: LearningPoint) -> str:
    """For example “91 % (86–94)”."""
    return f"{percent(point.accuracy)} ({percent_range(*point.interval)})"


def _where(curve: LearningCurve) -> str:
    if not curve.weak_class:
        return ""
    share = f"{curve.weak_mistakes} of {curve.mistakes} mistakes"
    return f" It errs most with {curve.weak_class} ({share}): begin with images of it."


def _meaning(curve: LearningCurve) -> str:
    of = f"{count(curve.judged, 'training and check image')}, each" if curve.judged else "images"
    words = (
        f"Measured on {of} left out in turn while a last layer learned from fewer of the others, and carried "
        "on. It holds for further images like these; of another kind they may help more."
    )
    if not curve.stages_learned:
        return words
    return (
        f"{words} The last layer stood on the backbone as it was before training. This run also trained "
        "stages, so its own figures differ: take what is gained as a guide."
    )


def _mend(curve: LearningCurve, *, is_enough: bool) -> str:
    if not is_enough:
        return "Label more images, then train again."
    if now_of(curve).accuracy >= 1 - WORTH_IT:
        return "Next, try it on images that were taken at another time or place."
    return "Rather look at the mistakes, mend labels, or try another backbone or let more stages learn."
