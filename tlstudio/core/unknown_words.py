"""The meaning of an unknown score, in numbers and in words."""

from __future__ import annotations

ODD_FROM = 0.5
"""At this score an image is as unlike the training images as the most unlike 1 in 20 of them are."""
FAR_FROM = 0.9
"""At this score it is farther off by half of what lies between typical training images and the odd ones."""

NO_SCORE = "This model cannot say when an image is unlike what it was taught: it names a class for any image."
ODD_MEND = "Check it yourself before you use its class."


def is_odd(unknown: float | None) -> bool:
    """Return whether an unknown score says that an image is not like those that were taught."""
    return unknown is not None and unknown >= ODD_FROM


def odd_words(unknown: float | None) -> str:
    """The sentence about an odd image, to come before its class; empty where there is nothing to say."""
    if unknown is None or not is_odd(unknown):
        return ""
    if unknown >= FAR_FROM:
        return "Unlike anything it was taught: the class below means little."
    return "Odd: not quite like what it was taught. It may show something else."


def odd_mark(unknown: float | None) -> str:
    """The same in one or two words with a colon, for lists; empty for a familiar one, or without a score."""
    if unknown is None or not is_odd(unknown):
        return ""
    return "very odd: " if unknown >= FAR_FROM else "odd: "
