"""Learning without labels that two views show the same image: SimSiam.

Chen and He, Exploring Simple Siamese Representation Learning, 2021 (https://arxiv.org/abs/2011.10566). The
feature of one view predicts that of the other, which is held fixed meanwhile; without that, and without the
normalisation of the projections over the batch, all features would soon be the same.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

PROJECTED = 256
HIDDEN = 512
NARROW = 64


class Siamese(nn.Module):
    """The projector and the predictor, which are needed while learning and thrown away afterwards.

    Args:
        feature_size: F.
    """

    def __init__(self, feature_size: int) -> None:
        super().__init__()
        self.projector = nn.Sequential(
            nn.Linear(feature_size, HIDDEN, bias=False),
            _norm(HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, PROJECTED, bias=False),
            _norm(PROJECTED),
        )
        self.predictor = nn.Sequential(
            nn.Linear(PROJECTED, NARROW, bias=False),
            _norm(NARROW),
            nn.ReLU(),
            nn.Linear(NARROW, PROJECTED),
        )

    def forward(self, features: Tensor) -> Tensor:
        """The loss, from -1 (both views of each image are seen alike) to 1.

        Args:
            features: Of one view of N images and then of another view of the same: float [2N, F].
        """
        projected: Tensor = self.projector(features)
        predicted: Tensor = self.predictor(projected)
        others = projected.detach().roll(len(projected) // 2, 0)
        return -cosine_similarity(predicted, others, dim=1).mean()


def build_siamese(feature_size: int, *, seed: int) -> Siamese:
    """Build it with weights that depend on the seed alone; the numbers drawn elsewhere do not change.

    Args:
        feature_size: F.
        seed: Of the initial weights.
    """
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        return Siamese(feature_size)


def _norm(size: int) -> nn.BatchNorm1d:
    # It never predicts, so it has no use for averages over batches, which a checkpoint would have to hold.
    return nn.BatchNorm1d(size, track_running_stats=False)
