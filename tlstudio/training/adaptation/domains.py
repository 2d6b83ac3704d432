"""The two domains of an adaptation, and standardising each by its own mean and deviation.

A camera, a stain or a style shifts and stretches features much the same way for all classes. Standardised by
its own mean and deviation, each domain loses that; it is what AdaBN (Li 2017, arXiv:1603.04779) does in every
layer, done once on the features.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

STABILISER = 0.03
"""Part of the mean deviation added to each, so that a feature that hardly varies is not blown up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domains:
    """Features of the labelled images (the source) and of those from where a classifier will be used.

    Attributes:
        source: float32 [N, F].
        labels: int64 [N], of the source.
        target: float32 [M, F].
        classes_count: K.
        seed: Of the run; every random draw depends on it.
    """

    source: Tensor
    labels: Tensor
    target: Tensor
    classes_count: int
    seed: int

    def shares(self) -> Tensor:
        """Share of each class in the source: float32 [K]."""
        counts = torch.bincount(self.labels, minlength=self.classes_count).float()
        return counts / counts.sum()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardisation:
    """Mean and deviation of each feature in one domain.

    Attributes:
        mean: float32 [F].
        deviation: float32 [F], above 0.
    """

    mean: Tensor
    deviation: Tensor

    @staticmethod
    def of(features: Tensor) -> Standardisation:
        """Compute the standardisation of features [N, F], N at least 1."""
        deviation = features.std(dim=0, correction=0)
        return Standardisation(
            mean=features.mean(dim=0),
            deviation=deviation + STABILISER * deviation.mean() + 1e-6,
        )

    def apply(self, features: Tensor) -> Tensor:
        """Standardised features [N, F]."""
        return (features - self.mean) / self.deviation

    def folded(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """A layer for raw features, from one for standardised features.

        Args:
            weight: float32 [L, F].
            bias: float32 [L].
        """
        folded = weight / self.deviation
        return folded, bias - folded @ self.mean
