"""Sentences that tell the person what an adaptation found."""

from __future__ import annotations

from collections.abc import Sequence

from tlstudio.core.percent import percent, points
from tlstudio.evaluation.comparisons import StrategyComparison
from tlstudio.evaluation.two_sample import Difference
from tlstudio.training.adaptation.class_mix import ClassMix
from tlstudio.training.adaptation.kinship import Kinship

CHANCE = 0.5
KEPT = "So the plain head is kept."
FIGURES_FROM_HERE = (
    "The classifier is now made for the other images. Figures of this run are of images from here, for which "
    "it is no longer meant; evaluate it on labelled images from there to know how good it is."
)


def same_place(found: Difference) -> str:
    """Say that there is nothing to adapt to."""
    low, high = (percent(end) for end in found.interval.pair)
    guessed = f"{percent(found.accuracy)} are guessed (95 % interval {low} to {high}; 50 % is chance)"
    if found.accuracy <= CHANCE:
        guessed = "their place is guessed no better than by chance"
    return f"The other images cannot be told from the labelled ones: {guessed}. {KEPT}"


def other_world(found: Kinship) -> str:
    """Say that the images do not show the classes."""
    similarity = percent(found.similarity)
    return (
        "The other images do not show these classes: along what divides the classes they differ no more than "
        f"along anything else (p = {found.p:.2f}), and they are only {similarity} as similar to the labelled "
        f"images as to each other. {KEPT}"
    )


def mix_sentence(mix: ClassMix, *, shares: Sequence[float], classes: Sequence[str]) -> str:
    """Say what is known of how often each class occurs among the other images."""
    if mix.differs is None:
        return "Whether the classes occur there more or less often than here cannot be told."
    number = mix.differs
    low, high = percent(float(mix.low[number])), percent(float(mix.high[number]))
    return (
        f"“{classes[number]}” seems to be {percent(float(mix.shares[number]))} of the images there ({low} to "
        f"{high}) and is {percent(shares[number])} here, so the method that assumes the same mix is left out."
    )


def agreement(found: StrategyComparison) -> str:
    """The start and the adapted head compared by the answers that several methods have in common."""
    return (
        f"the plain head gives the answer that several methods have in common for "
        f"{percent(found.start_accuracy)} of the {found.n} images from there, the adapted head for "
        f"{percent(found.accuracy)} ({points(found.difference, found.interval)})"
    )


def accuracy(found: StrategyComparison, *, method: str) -> str:
    """The start and the best head compared on labelled images from there."""
    after, before = percent(found.accuracy), percent(found.start_accuracy)
    return (
        f"on the {found.n} labelled images from there, {after} are right with the best method ({method}) "
        f"against {before} with the plain head ({points(found.difference, found.interval)})"
    )


def verdict(compared: str, *, start_returned: bool, before: Difference, after: Difference, mix: str) -> str:
    """The sentence of a comparison, with how different the places are and what is known of the mix."""
    if start_returned:
        return f"Adapting did not clearly help: {compared}. {KEPT}"
    later = f"for {percent(after.accuracy)} after" if after.is_shown else "no better than by chance after"
    return (
        f"Adapted to the other images: {compared}. From which place an image is, was guessed for "
        f"{percent(before.accuracy)} before and {later}. {mix}"
    )
