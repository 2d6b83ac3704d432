"""Erases a nuisance from features: no linear head can use it then, and as little else as possible changes.

The closed form is LEACE (Belrose et al. 2023, “LEACE: Perfect linear concept erasure in closed form”):
features are whitened, the directions along which they vary together with the nuisance are taken out, and they
are put back. With few images for many features the covariance is shrunk (Chen et al. 2010, oracle
approximating shrinkage). The result is a linear map, which is folded into the weights of a linear head.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

SIGNIFICANT = 1e-6
"""Directions with a smaller share of the largest one are rounding errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eraser:
    """The linear map x ↦ x − out · intoᵀ · (x − mean).

    Attributes:
        mean: float64 [F].
        into: float64 [F, R].
        out: float64 [F, R].
    """

    mean: Tensor
    into: Tensor
    out: Tensor

    def erase(self, features: Tensor) -> Tensor:
        """Features float32 [N, F] without the nuisance."""
        x = features.double()
        return (x - (x - self.mean) @ self.into @ self.out.T).float()

    def folded(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """A head for raw features from one for erased features: weight float32 [K, F] and bias [K]."""
        w = weight.double()
        along = (w @ self.out) @ self.into.T
        return (w - along).float(), (bias.double() + along @ self.mean).float()


def balanced_weights(labels: Tensor, values: Tensor) -> Tensor:
    """The weight of each image by which all combinations of class and nuisance count the same.

    Args:
        labels: int64 [N].
        values: int64 [N], the nuisance.

    Returns:
        float64 [N] with the sum N.
    """
    groups = combinations(labels, values)
    weights = 1.0 / groups.bincount()[groups].double()
    return weights * (len(labels) / weights.sum())


def combinations(labels: Tensor, values: Tensor) -> Tensor:
    """The number of each image's combination of class and nuisance: int64 [N], only those that there are."""
    pairs = torch.stack([labels, values], dim=1)
    found: Tensor = torch.unique(pairs, dim=0, return_inverse=True)[1]
    return found


def fit_eraser(features: Tensor, values: Tensor, *, weights: Tensor) -> Eraser:
    """Find the map that erases a nuisance.

    Args:
        features: float [N, F].
        values: int64 [N], the nuisance.
        weights: Of the images, float64 [N].
    """
    share = weights / weights.sum()
    x = features.double()
    mean = share @ x
    centred = x - mean
    weighted = centred * share[:, None]
    covariance = _shrunk(weighted.T @ centred, n=float(1 / share.square().sum()))
    onto = one_hot(values).double()
    together = weighted.T @ (onto - share @ onto)
    variances, axes = torch.linalg.eigh(covariance)
    lengths = variances.clamp_min(1e-12 * float(variances[-1].clamp_min(1e-12))).sqrt()
    whitened = (axes / lengths) @ (axes.T @ together)
    directions, sizes, _ = torch.linalg.svd(whitened, full_matrices=False)
    directions = directions[:, sizes > SIGNIFICANT * sizes[0].clamp_min(1e-12)]
    return Eraser(
        mean=mean,
        into=(axes / lengths) @ (axes.T @ directions),
        out=(axes * lengths) @ (axes.T @ directions),
    )


def _shrunk(covariance: Tensor, *, n: float) -> Tensor:
    """The covariance [F, F] of n images, drawn to a multiple of the identity."""
    size = len(covariance)
    trace, squares = covariance.trace(), covariance.square().sum()
    above = (1 - 2 / size) * squares + trace.square()
    below = (n + 1 - 2 / size) * (squares - trace.square() / size)
    amount = float((above / below.clamp_min(1e-300)).clamp(0, 1))
    identity = torch.eye(size, dtype=covariance.dtype)
    return (1 - amount) * covariance + amount * trace / size * identity
