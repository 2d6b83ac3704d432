"""Mixup: training images are laid over each other in pairs, and each pair counts for the labels of both.

After Zhang et al., mixup: Beyond empirical risk minimization (ICLR 2018). What is mixed is what enters the
trainable stages: activations at the freeze line, as in manifold mixup (Verma et al., ICML 2019), or the
images themselves where nothing is frozen.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tlstudio.compute.seeds import derive_seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """The pairs of one batch.

    Attributes:
        partners: Index of the image that is laid over each image of the batch; each is so once.
        share: Share of the image itself and of its label, 0.5 … 1.
    """

    partners: tuple[int, ...]
    share: float

    def of(self, activations: Tensor, others: Tensor) -> Tensor:
        """Mix activations [N, …] with those of their partners; inputs stay whole numbers."""
        mixed = others.float().lerp(activations.float(), self.share)
        return mixed.round().to(torch.uint8) if activations.dtype == torch.uint8 else mixed


def draw_mix(indices: Sequence[int], *, alpha: float, seed: int, epoch: int) -> Mix:
    """Draw the pairs of a batch, the same in every session.

    Args:
        indices: Training images of the batch, in random order; no other batch of the epoch begins with the
            same.
        alpha: Both parameters of the Beta distribution that the share is drawn from, above 0; more mixes
            more.
        seed: Seed of the run.
        epoch: Number of the epoch.
    """
    share = random.Random(derive_seed(seed, "mixup", epoch, indices[0])).betavariate(alpha, alpha)
    # The order of a batch is random, so the neighbour in it is a random partner.
    return Mix(partners=(*indices[1:], indices[0]), share=max(share, 1 - share))
