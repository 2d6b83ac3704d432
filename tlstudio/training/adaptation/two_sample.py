"""Measures the difference of two sets of features by how often a classifier guesses the set of an image.

The classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv:1610.06545): half of the guesses are right by
chance when nothing differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator
from tlstudio.core.types import Interval
from tlstudio.evaluation.intervals import wilson

FOLDS = 5
MOST_IMAGES = 500
"""Most images of each of the two sets; the interval is then about ±3 points."""
RIDGE = 0.1
"""Regularisation, relative to the mean squared length of a feature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Difference of two sets of images, as how well they can be told apart.

    Attributes:
        accuracy: Share of images whose set was guessed, by a classifier trained on others.
        n: Number of images, half of each set.
        interval: 95 % interval of the accuracy.
    """

    accuracy: float
    n: int
    interval: Interval

    @property
    def is_shown(self) -> bool:
        """True if more images are guessed than chance explains."""
        return self.interval.low > 0.5


def difference_of(first: Tensor, second: Tensor, *, seed: int) -> Difference:
    """Try to tell two sets apart, by cross-validated ridge regression on as many images of each.

    Args:
        first: float32 [N, F].
        second: float32 [M, F].
        seed: Decides which images are taken and how they are divided.
    """
    count = min(len(first), len(second), MOST_IMAGES)
    random = generator(seed, "two samples")
    taken = [part[torch.randperm(len(part), generator=random)[:count]] for part in (first, second)]
    features = torch.cat(taken)
    side = torch.cat([torch.ones(count), -torch.ones(count)])
    fold = torch.arange(count).remainder(FOLDS).repeat(2)
    centred = features - features.mean(dim=0)
    kernel = centred @ centred.T
    kernel = kernel / kernel.diagonal().mean().clamp_min(1e-12)
    right = 0
    for number in range(FOLDS):
        learned, held_out = (fold != number).nonzero()[:, 0], (fold == number).nonzero()[:, 0]
        if not len(learned) or not len(held_out):
            continue
        within = kernel[learned][:, learned]
        weights = torch.linalg.solve(within + RIDGE * torch.eye(len(learned)), side[learned])
        right += int((kernel[held_out][:, learned] @ weights * side[held_out] > 0).sum())
    return Difference(accuracy=right / max(2 * count, 1), n=2 * count, interval=wilson(right, 2 * count))
