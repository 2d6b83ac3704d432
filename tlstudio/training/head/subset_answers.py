"""Answers of linear heads that learned from fewer images: the raw material of a learning curve.

Images are divided into folds, and heads learn from a part of the images of the other folds, a part that grows
within one random order. So every image is judged by heads that saw none of its unit, at each size, and what
two sizes differ by is due to the size.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.compute.device import one_thread
from tlstudio.compute.seeds import generator
from tlstudio.features.table import Features
from tlstudio.training.head.probe import SEARCHING, SMALL_PROBLEM
from tlstudio.training.head.problem import Axes, AxisImages, Problem
from tlstudio.training.loop.optimiser import class_weights

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Parts of the images of the other folds that heads learn from."""
FOLDS = 5
MOST_DRAWS = 4
"""Times that all is divided anew where it costs little."""
WORK = 1.5e9
"""Classes times heads times images times features that are computed with at most, in each step of the solver:
about two seconds for six classes of 50 images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetAnswers:
    """The shares of right answers to images by heads of each size.

    Attributes:
        sizes: Images that a head learned from, in the mean: float64 [S], rising.
        right: Share of the heads of each size that answered an image rightly: float64 [S, N]; NaN where an
            image was never judged.
        predicted: How often heads of the last size gave each answer to each image: float64 [N, K].
    """

    sizes: Tensor
    right: Tensor
    predicted: Tensor


def answers_of_subsets(
    features: Features,
    labels: Tensor,
    *,
    units: Tensor,
    classes_count: int,
    l2: float,
    class_weighting: bool,
    seed: int,
    on_draw: Callable[[], None] = lambda: None,
) -> SubsetAnswers:
    """Fit heads to parts of the images, and let them answer for the others.

    Args:
        features: [N, F] of all images that may be learned from.
        labels: int64 [N].
        units: Unit of each image, int64 [N]; the images of one are learned from or judged together.
        classes_count: K.
        l2: Regularisation that suits a head of all N images. With fewer it is stronger in proportion, as it
            is for a prior of the same width.
        class_weighting: Whether images are weighted so that all classes count the same.
        seed: Of the draws.
        on_draw: Called before each; an exception that it raises ends the search.
    """
    n = len(labels)
    small = n * features.size <= SMALL_PROBLEM
    right = torch.zeros(len(SHARES), n, dtype=torch.float64)
    judged, learned = torch.zeros(n), torch.zeros(len(SHARES), dtype=torch.float64)
    predicted = torch.zeros(n, classes_count, dtype=torch.float64)
    with one_thread() if small else nullcontext():
        images = AxisImages(features, Axes(features)).rounded()
        draws, folds_used = _draws(n, features.size, classes_count)
        for draw in range(draws):
            on_draw()
            folds, taught = _divide(labels, units, seed=seed, draw=draw)
            taught = taught[:, :folds_used]
            weights = taught.double()
            learned += weights.sum(dim=2).mean(dim=1) / draws
            if class_weighting:
                weights = weights * class_weights(labels, classes_count=classes_count)[labels].double()
            # Heads whose weights sum to less than 1 are regularised the more.
            sums = weights.sum(dim=2, keepdim=True).clamp_min(1e-12)
            weights = weights / sums * taught.double().mean(dim=2, keepdim=True)
            problem = Problem(images, labels, weights=weights.flatten(0, 1), classes_count=classes_count)
            start, curvature = problem.start()
            solution = problem.solve(l2, start=start, curvature=curvature, **SEARCHING)
            for rows, logits in images.logits_by_block(solution):
                answers = logits.argmax(dim=0).view(len(SHARES), folds_used, -1)
                fold = folds[rows]
                here = (fold < folds_used).nonzero()[:, 0]
                mine = answers[:, fold[here], here]
                at = here + rows.start
                right[:, at] += (mine == labels[at]).double()
                judged[at] += 1
                predicted[at, mine[-1]] += 1
    times = torch.where(judged > 0, judged.double(), torch.nan)
    return SubsetAnswers(sizes=learned, right=right / times, predicted=predicted)


def _draws(n: int, size: int, classes_count: int) -> tuple[int, int]:
    """The number of times that the images are divided, and how many of the folds are judged each time."""
    heads = WORK / max(1, classes_count * n * min(n, size)) / len(SHARES)
    if heads < FOLDS:
        return 1, max(1, int(heads))
    return min(MOST_DRAWS, int(heads / FOLDS)), FOLDS


def _divide(labels: Tensor, units: Tensor, *, seed: int, draw: int) -> tuple[Tensor, Tensor]:
    """The fold of each image int64 [N], and which images each head learns from: bool [S, FOLDS, N].

    Units of one class are spread over the folds, and join the heads in the same order.
    """
    first = torch.full((int(units.max()) + 1,), len(labels)).scatter_reduce(
        0, units, torch.arange(len(labels)), reduce="amin"
    )
    of_unit = labels[first]
    order = torch.randperm(len(of_unit), generator=generator(seed, "learning curve", draw))
    by_class = order[torch.argsort(of_unit[order], stable=True)]
    unit_fold = torch.empty_like(of_unit)
    unit_fold[by_class] = torch.arange(len(of_unit)) % FOLDS
    taught = torch.zeros(len(SHARES), FOLDS, len(of_unit), dtype=torch.bool)
    for fold in range(FOLDS):
        for label in set(of_unit.tolist()):
            candidates = by_class[(of_unit[by_class] == label) & (unit_fold[by_class] != fold)]
            candidates = candidates[
                torch.randperm(
                    len(candidates), generator=generator(seed, "learning curve", draw, fold, label)
                )
            ]
            for number, share in enumerate(SHARES):
                count = max(1, round(share * len(candidates)))
                taught[number, fold, candidates[:count]] = True
    return unit_fold[units], taught[:, :, units]
