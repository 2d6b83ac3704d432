"""Compares two classifiers on the same images: the difference, and how much of one chance makes."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from tlstudio.core.types import Interval
from tlstudio.evaluation.intervals import paired_difference

STANDARD_ERRORS = 1.6
"""Standard errors up to which a difference counts as noise. With one, a single trial wins by luck in 16 % of
cases; with this, each of three trials has a third of that chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The difference between two classifiers.

    Attributes:
        difference: In the share of correct predictions, a fraction; positive when the new one has more.
        interval: 95 % interval of the difference.
        noise: How far the difference can be off by chance; a gain is a difference that is larger.
    """

    difference: float
    interval: Interval
    noise: float

    @property
    def is_gain(self) -> bool:
        """True if the new one is better by more than chance explains."""
        return self.difference > self.noise


def compare(correct: Tensor, before: Tensor) -> Comparison:
    """Compare two classifiers by McNemar's test with continuity correction; one image more never is a gain.

    Args:
        correct: Whether the new one predicted each image correctly: bool [N].
        before: The same of the old one; N is at least 1.
    """
    won, lost, n = int((correct & ~before).sum()), int((before & ~correct).sum()), len(correct)
    noise = STANDARD_ERRORS * (won + lost) ** 0.5 + 1
    return Comparison(difference=(won - lost) / n, interval=paired_difference(won, lost, n), noise=noise / n)
