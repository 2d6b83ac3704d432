"""Puts the comparison of two runs into words."""

from __future__ import annotations

from tlstudio.core.percent import percent, points
from tlstudio.core.rough import roughly
from tlstudio.core.wording import count
from tlstudio.evaluation.how_many_images import images_to_show
from tlstudio.evaluation.run_comparison import SIGNIFICANCE, RunComparison

MOST_ASKED_FOR = 20_000
"""Test images beyond which it says nothing to name a number: nobody will label so many."""


def figures_words(found: RunComparison) -> str:
    """The difference with its interval, as in "+5.2 points, 95 % interval −0.8 to +11.3"."""
    return points(found.difference, found.interval, digits=1).replace("-", "−")


def p_words(p_value: float) -> str:
    """Format a p-value, as in "p = 0.22"."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.2g}"


def accuracies_words(found: RunComparison) -> str:
    """The accuracies of both and the p-value: "94.7 % against 89.6 % right (McNemar's test: p = 0.22)"."""
    first, second = found.accuracies
    right = f"{percent(second, digits=1)} against {percent(first, digits=1)} right"
    return f"{right} (McNemar's test: {p_words(found.p_value)})"


def verdict_words(found: RunComparison, *, first: str, second: str) -> str:
    """Say whether one of two runs is shown to be better, and what that rests on.

    Args:
        found: Their comparison.
        first: Name of the first run.
        second: Name of the second run.
    """
    won, lost = len(found.won), len(found.lost)
    if not won and not lost:
        return f"No difference: {second} and {first} are right on the same images."
    counts = (
        f"{count(won, 'image')} only {second} gets right, {count(lost, 'image')} only {first}"
        if lost and won
        else f"{count(won or lost, 'image')} only {second if won else first} gets right, none only "
        f"{first if won else second}"
    )
    if won == lost:
        return f"Neither is shown to be better: {counts}."
    how = "better" if won > lost else "worse"
    if found.is_shown:
        return f"{second} is {how} than {first}: {counts}."
    return f"{second} is not shown to be {how} than {first}: {counts}. {_why(found)}"


def _why(found: RunComparison) -> str:
    """Say why a difference is not shown, and how many images would show it."""
    low, high = found.interval
    reason = "The interval of the difference holds zero, so it may be luck."
    if not low <= 0 <= high:
        reason = "Too few images differ to rule out luck."
        if found.p_value < SIGNIFICANCE:
            reason = f"Of {found.tries} comparisons at once, one may look like this by luck."
    needed = images_to_show(len(found.won), len(found.lost), found.n)
    if not found.n < needed <= MOST_ASKED_FOR:
        return reason
    images = f"about {roughly(needed)} test images"
    return f"{reason} If it is real and of this size, {images} would likely show it."


def note_words(found: RunComparison, *, first: str, second: str) -> list[str]:
    """Say which test images are not compared, and why: one sentence for each reason.

    Args:
        found: The comparison of two runs.
        first: Name of the first run.
        second: Name of the second run.
    """
    notes = []
    if found.relabelled:
        images = count(
            found.relabelled, "test image has another label", plural="test images have other labels"
        )
        notes.append(f"{images} in {second} than in {first}: left out, as they cannot be judged alike.")
    if found.unknown:
        files = count(found.unknown, "test image is gone", plural="test images are gone")
        notes.append(f"{files} from where they were, so whether both runs have them is not known: left out.")
    own, others = found.tested
    if found.n + found.relabelled + found.unknown < max(own, others):
        notes.append(f"Only test images of both runs are compared: {first} has {own}, {second} has {others}.")
    return notes
