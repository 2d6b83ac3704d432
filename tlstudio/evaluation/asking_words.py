"""Sentences about the threshold below which a person is asked, and about what is answered above it."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.percent import percent, percent_range
from tlstudio.core.wording import count
from tlstudio.evaluation.asking import Answered, AskingRule

ASK = "ask a person"
"""Said beside an answer that is left to a person."""


def asked_words(classes: Sequence[str] | None) -> str:
    """Say that a person is asked, and between which classes they have to decide.

    Args:
        classes: That the image may show; None or a single one is not told.
    """
    if not classes or len(classes) < 2:
        return ASK
    return f"{ASK}, it may be {', '.join(classes[:-1])} or {classes[-1]}"


def threshold_words(below: AskBelow) -> str:
    """Say what thresholds do.

    Args:
        below: Probabilities of the class below which a person is asked.
    """
    if not below.classes:
        if below.overall <= 0:
            return "Every image is answered, however unsure the answer is."
        return f"Less than {percent(below.overall, digits=1)} sure: a person is asked."
    own = ", ".join(f"{percent(one, digits=1)} for {name}" for name, one in below.classes.items())
    others = f"{percent(below.overall, digits=1)} for any other class"
    return f"A person is asked below {own} and {others}."


def answered_words(found: Answered, *, images: str) -> str:
    """Say how many images are answered and how many answers are right.

    Args:
        found: Above a threshold.
        images: What they are: "test images".
    """
    if not found.answered:
        return f"None of {found.n} {images} is answered."
    share, within = percent(found.right / found.answered, digits=1), percent_range(*found.interval.pair)
    return (
        f"{found.answered} of {found.n} {images} are answered, {share} of them right "
        f"(95 % interval {within})."
    )


def chosen_words(rule: AskingRule) -> str:
    """Say by which images a threshold was chosen and what it gave there."""
    images = "images that it had not learned from and is not tested on"
    if rule.wish is None:
        return f"Set by hand. {answered_words(rule.found, images=images)}"
    return f"Chosen for {percent(rule.wish)} right: {answered_words(rule.found, images=images)}"


def unreachable_words(wish: float, *, n: int) -> str:
    """Say that no threshold fulfils a wish.

    Args:
        wish: Share of the answers that should be right.
        n: Number of images by which it was tried.
    """
    return (
        f"However sure it has to be, {count(n, 'image')} that it had not learned from cannot show that "
        f"{percent(wish)} of its answers would be right."
    )
