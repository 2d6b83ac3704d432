"""Ridge regression on class indicators by its kernel: exact, in milliseconds, for many labellings at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator

RIDGE = 0.1
"""Regularisation, relative to the mean squared length of a feature."""
FOLDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RidgeScores:
    """Scores of images that a ridge regression did not learn from.

    Attributes:
        source: float32 [L, N, K], of each labelled image by the folds without it; L labellings.
        target: float32 [L, M, K], the mean over the folds.
    """

    source: Tensor
    target: Tensor


def ridge_scores(
    source: Tensor, target: Tensor, labellings: Tensor, *, classes_count: int, seed: int
) -> RidgeScores:
    """Cross-validated scores for several labellings of the same images.

    Args:
        source: Standardised features float32 [N, F].
        target: Standardised features float32 [M, F].
        labellings: int64 [L, N].
        classes_count: K.
        seed: Decides the folds.
    """
    count, size = len(source), source.square().sum(dim=1).mean().clamp_min(1e-12)
    indicators = torch.nn.functional.one_hot(labellings, classes_count).float()
    indicators = indicators / indicators.sum(dim=1, keepdim=True).clamp_min(1).sqrt()
    wanted = (indicators - indicators.mean(dim=1, keepdim=True)).permute(1, 0, 2).flatten(1)
    within, across = source @ source.T / size, target @ source.T / size
    folds = torch.randperm(count, generator=generator(seed, "ridge folds")) % FOLDS
    own, others = torch.zeros_like(wanted), torch.zeros(len(target), wanted.shape[1])
    for number in range(FOLDS):
        learned, held_out = (folds != number).nonzero()[:, 0], (folds == number).nonzero()[:, 0]
        system = within[learned][:, learned] + RIDGE * torch.eye(len(learned))
        weights = torch.linalg.solve(system, wanted[learned])
        own[held_out] = within[held_out][:, learned] @ weights
        others += across[:, learned] @ weights / FOLDS

    def by_labelling(scores: Tensor) -> Tensor:
        return scores.view(len(scores), len(labellings), classes_count).transpose(0, 1)

    return RidgeScores(source=by_labelling(own), target=by_labelling(others))
