"""Repeated cross-validation of a linear head, its regularisation chosen anew for every fold.

Each fold is scored by a head that saw none of its images, and the regularisation of that head was chosen
without them, too: by the log loss of heads that leave out one more fold. With five folds that takes fifteen
heads, which are solved together; see `probe` for how.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from itertools import combinations

import torch
from torch import Tensor

from tlstudio.compute.device import one_thread
from tlstudio.evaluation.objective import ONE_CLASS_EACH
from tlstudio.features.table import Features
from tlstudio.training.head.probe import L2_GRID, SEARCHING, SMALL_PROBLEM
from tlstudio.training.head.problem import Axes, AxisImages, Problem
from tlstudio.training.loop.optimiser import class_weights


def nested_scores(
    features: Features,
    labels: Tensor,
    *,
    folds: Tensor,
    classes_count: int,
    class_weighting: bool,
    on_trial: Callable[[], None] = lambda: None,
) -> Tensor:
    """Score each image by a head that was fitted, and whose settings were chosen, without it.

    Args:
        features: [N, F].
        labels: int64 [N].
        folds: Fold of each image, int64 [N]: 0 … B - 1, at least three.
        classes_count: K.
        class_weighting: Weight images so that all classes count the same.
        on_trial: Called after each strength; an exception that it raises ends the search.

    Returns:
        Logits float32 [N, K].
    """
    count = int(folds.max()) + 1
    pairs = list(combinations(range(count), 2))
    left_out = [{fold} for fold in range(count)] + [set(pair) for pair in pairs]
    with one_thread() if len(labels) * features.size <= SMALL_PROBLEM else nullcontext():
        images = AxisImages(features, Axes(features)).rounded()
        each = torch.ones(len(labels), dtype=torch.float64)
        if class_weighting:
            each = each * class_weights(labels, classes_count=classes_count)[labels].double()
        used = (
            torch.stack([~torch.isin(folds, torch.tensor(sorted(out))) for out in left_out]).double() * each
        )
        weights = used / used.sum(dim=1, keepdim=True).clamp_min(1e-12)
        problem = Problem(images, labels, weights=weights, classes_count=classes_count)
        solution, curvature = problem.start()
        best = torch.full((count,), torch.inf, dtype=torch.float64)
        scores = torch.zeros(len(labels), classes_count)
        for l2 in L2_GRID:
            solution = problem.solve(l2, start=solution, curvature=curvature, **SEARCHING)
            curvature = problem.logits(solution, None)[2]
            logits = _logits(images, solution)
            losses = torch.zeros(count, dtype=torch.float64)
            for number, (one, other) in enumerate(pairs, count):
                for outer, inner in ((one, other), (other, one)):
                    rows = folds == inner
                    losses[outer] += _loss(logits[rows, :, number], labels[rows])
            is_better = losses < best
            best = torch.minimum(best, losses)
            for fold in is_better.nonzero()[:, 0].tolist():
                rows = folds == fold
                scores[rows] = logits[rows, :, fold]
            on_trial()
            if not bool(is_better.any()):
                break
    return scores


def _logits(images: AxisImages, solution: Tensor) -> Tensor:
    """Logits of all heads: float32 [N, K, heads]."""
    return torch.cat([logits.permute(2, 0, 1) for _, logits in images.logits_by_block(solution)])


def _loss(logits: Tensor, labels: Tensor) -> float:
    return float(ONE_CLASS_EACH.loss(logits.double(), labels, reduction="sum"))
