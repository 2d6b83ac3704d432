"""Measures the difference of two sets of features by how often a classifier guesses the set of an image.

The classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv:1610.06545): half of the guesses are right by
chance when nothing differs.
"""

from __future__ import annotations

from collections.abc import Sequence
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
PERMUTATIONS = 999
"""The least p-value is then 0.001."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Difference of two sets of images, as how well they can be told apart.

    Attributes:
        accuracy: Share of images whose set was guessed, by a classifier trained on others.
        n: Number of images, half of each set.
        interval: 95 % interval of the accuracy.
        p_value: Chance of guesses so far on the right side if nothing differed; None if not computed.
    """

    accuracy: float
    n: int
    interval: Interval
    p_value: float | None = None

    @property
    def is_shown(self) -> bool:
        """True if more images are guessed than chance explains."""
        return self.interval.low > 0.5


def matched_rows(first: Sequence[int], second: Sequence[int], *, seed: int) -> tuple[Tensor, Tensor]:
    """Draw as many images of each stratum (such as a class) from two sets, so that its share tells nothing.

    Args:
        first: Stratum of each image of the first set.
        second: The same of the second set.
        seed: Decides which images are drawn.

    Returns:
        Rows of the first and of the second set, at most `MOST_IMAGES` each; two in one place are of one
        stratum.
    """
    random = generator(seed, "two samples")
    pairs = []
    for stratum in sorted(set(first) & set(second)):
        rows = [
            torch.tensor([row for row, one in enumerate(part) if one == stratum]) for part in (first, second)
        ]
        count = min(map(len, rows))
        drawn = [part[torch.randperm(len(part), generator=random)[:count]] for part in rows]
        pairs.append(torch.stack(drawn))
    if not pairs:
        nothing = torch.zeros(0, dtype=torch.int64)
        return nothing, nothing
    drawn_pairs = torch.cat(pairs, dim=1)
    if drawn_pairs.shape[1] > MOST_IMAGES:
        some = torch.randperm(drawn_pairs.shape[1], generator=random)[:MOST_IMAGES]
        drawn_pairs = drawn_pairs[:, some.sort().values]
    return drawn_pairs[0], drawn_pairs[1]


def difference_of(first: Tensor, second: Tensor, *, seed: int) -> Difference:
    """Try to tell two sets apart, by cross-validated ridge regression on as many images of each.

    Args:
        first: float32 [N, F].
        second: float32 [M, F].
        seed: Decides which images are taken and how they are divided.
    """
    rows = matched_rows([0] * len(first), [0] * len(second), seed=seed)
    sides = _sides(len(rows[0]))
    margins = _margins(first[rows[0]], second[rows[1]], sides[:, None])
    return _difference(int((margins > 0).sum()), n=len(sides))


def permuted_difference(first: Tensor, second: Tensor, *, strata: Sequence[int], seed: int) -> Difference:
    """Try to tell two sets apart, with the p-value of a permutation test.

    The sides of images of one stratum and fold are exchanged at random, so that strata may differ as they
    like, and `PERMUTATIONS` exchanges are guessed in the same way.

    Args:
        first: float32 [N, F].
        second: float32 [N, F]; rows of one place are of one stratum, see `matched_rows`.
        strata: Of each of the N places.
        seed: Decides which sides are exchanged.
    """
    count = len(first)
    sides = _sides(count)
    if not count:
        return _difference(0, n=0, p_value=1.0)
    random = generator(seed, "permutations")
    exchanged = sides[:, None].repeat(1, PERMUTATIONS)
    cells = torch.tensor(strata) * FOLDS + _folds(count)
    for cell in sorted(set(cells.tolist())):
        places = (cells == cell).nonzero()[:, 0]
        rows = torch.cat([places, places + count])
        order = torch.rand(len(rows), PERMUTATIONS, generator=random).argsort(dim=0)
        exchanged[rows] = sides[rows][order]
    margins = _margins(first, second, torch.cat([sides[:, None], exchanged], dim=1))
    # How far guesses are on the right side says more than how many are.
    far = margins.sum(dim=0)
    as_far = int((far[1:] >= far[0]).sum())
    right = int((margins[:, 0] > 0).sum())
    return _difference(right, n=2 * count, p_value=(1 + as_far) / (1 + PERMUTATIONS))


def _difference(right: int, *, n: int, p_value: float | None = None) -> Difference:
    return Difference(accuracy=right / max(n, 1), n=n, interval=wilson(right, n), p_value=p_value)


def _sides(count: int) -> Tensor:
    """The sides of `count` images of each set: 1 and -1, float32 [2 · count]."""
    return torch.cat([torch.ones(count), -torch.ones(count)])


def _folds(count: int) -> Tensor:
    return torch.arange(count).remainder(FOLDS)


def _margins(first: Tensor, second: Tensor, sides: Tensor) -> Tensor:
    """Measure how far the guess of each image's side, made from other folds, is on the right side.

    Args:
        first: float32 [N, F].
        second: float32 [N, F].
        sides: float32 [2 N, P], P ways to say which image is of which set.

    Returns:
        float32 [2 N, P], positive where the guess is right.
    """
    features = torch.cat([first, second])
    fold = _folds(len(first)).repeat(2)
    centred = features - features.mean(dim=0)
    kernel = centred @ centred.T
    kernel = kernel / kernel.diagonal().mean().clamp_min(1e-12) if len(kernel) else kernel
    margins = torch.zeros(sides.shape)
    for number in range(FOLDS):
        learned, held_out = (fold != number).nonzero()[:, 0], (fold == number).nonzero()[:, 0]
        if not len(learned) or not len(held_out):
            continue
        within = kernel[learned][:, learned]
        weights = torch.linalg.solve(within + RIDGE * torch.eye(len(learned)), sides[learned])
        margins[held_out] = kernel[held_out][:, learned] @ weights * sides[held_out]
    return margins
