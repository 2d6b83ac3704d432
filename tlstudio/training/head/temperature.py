"""The factor for the logits of a head by which it is as sure as labelled images show it may be."""

from __future__ import annotations

import torch
from torch import Tensor

from tlstudio.evaluation.objective import ONE_CLASS_EACH

FACTORS = torch.logspace(-1, 3, 81, dtype=torch.float64)


def factor_for(scores: Tensor, labels: Tensor) -> Tensor:
    """The factor for scores [M, K] with the lowest log loss, drawn to 1 as if by one image more.

    Args:
        scores: float64 [M, K] of images that the head did not learn from.
        labels: int64 [M].

    Returns:
        float64, a single number; 1 without images.
    """
    if not len(labels):
        return scores.new_ones(())
    losses = torch.stack(
        [ONE_CLASS_EACH.loss(factor * scores, labels, reduction="sum") for factor in FACTORS]
    )
    return FACTORS[(losses + 0.5 * FACTORS.log().square()).argmin()]
