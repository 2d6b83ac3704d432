"""Fits the distances that an unknown score is made of."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from tlstudio.models.unknown import Mahalanobis, Neighbours

TINY = 1e-12
LEAST_SHRINKAGE = 1e-3
"""Also of very many images: along directions in which none differed, distances are computed in float32."""


def directions_of(features: Tensor) -> Tensor:
    """Features [N, F] made length 1, in float64."""
    return functional.normalize(features.double(), dim=1, eps=TINY)


def fit_mahalanobis(directions: Tensor, labels: Tensor) -> Mahalanobis | None:
    """Fit class means and the shrunk covariance within classes.

    Args:
        directions: Features of length 1, float64 [N, F].
        labels: int64 [N].

    Returns:
        The distance; None where no class has two different images.
    """
    classes = torch.tensor(sorted(set(labels.tolist())))
    places = torch.searchsorted(classes, labels)
    counts = places.bincount()
    means = torch.zeros(len(classes), directions.shape[1], dtype=torch.float64)
    means.index_add_(0, places, directions)
    means /= counts[:, None]
    # An image is nearer to a mean of few that it is part of itself than to the mean of all.
    unbiased = (counts / (counts - 1).clamp_min(1)).sqrt()[places, None]
    spread = ((directions - means[places]) * unbiased)[counts[places] > 1]
    if len(spread) < 2 or float(spread.square().sum()) < TINY:
        return None
    variances, basis = _principal(spread)
    shrinkage = max(ledoit_wolf_shrinkage(spread, variances), LEAST_SHRINKAGE)
    everywhere = shrinkage * float(variances.sum()) / directions.shape[1]
    scale = everywhere**-0.5
    gains = ((1 - shrinkage) * variances + everywhere).rsqrt() - scale
    found = Mahalanobis(
        centre=directions.mean(dim=0).float(),
        basis=basis.float().contiguous(),
        gains=gains.float(),
        scale=torch.tensor(scale, dtype=torch.float32),
        means=torch.zeros(0),
    )
    found.means = found.whitened(means.float())
    return found


def _principal(spread: Tensor) -> tuple[Tensor, Tensor]:
    """Variances [R] along the principal axes of centred values [N, F], R ≤ min(N, F), and the axes [F, R]."""
    count, size = spread.shape
    # The smaller of two matrices with the same eigenvalues.
    if size <= count:
        values, axes = torch.linalg.eigh(spread.T @ spread / count)
        return values.clamp_min(0), axes
    values, vectors = torch.linalg.eigh(spread @ spread.T / count)
    kept = values > TINY * values.max()
    values, vectors = values[kept], vectors[:, kept]
    return values, spread.T @ vectors / (values * count).sqrt()


def ledoit_wolf_shrinkage(spread: Tensor, variances: Tensor) -> float:
    """Share of one variance everywhere in the shrunk covariance (Ledoit and Wolf 2004), 0 to 1.

    As `sklearn.covariance.ledoit_wolf_shrinkage`, whose import alone takes longer than this.

    Args:
        spread: Centred values, float64 [N, F].
        variances: Along their principal axes; others are 0.
    """
    count, size = spread.shape
    squares = float(variances.square().sum())
    noise = (float(spread.square().sum(dim=1).square().sum()) / count - squares) / (count * size)
    distance = (squares - float(variances.sum()) ** 2 / size) / size
    return min(max(noise, 0.0), distance) / distance if distance > 0 else 1.0


def fit_neighbours(directions: Tensor) -> Neighbours:
    """Keep all images to compare with, float64 [N, F]."""
    return Neighbours(images=directions.float())
