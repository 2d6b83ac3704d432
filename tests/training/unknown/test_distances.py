"""The distances that an unknown score is made of, against scikit-learn and the plain formula."""

from __future__ import annotations

import pytest
import torch
from sklearn.covariance import ledoit_wolf, ledoit_wolf_shrinkage
from torch import Tensor

from tlstudio.training.unknown import distances
from tlstudio.training.unknown.distances import directions_of, fit_mahalanobis, fit_neighbours


def features(count: int, size: int, *, seed: int = 0) -> Tensor:
    """With different spreads along their axes."""
    random = torch.Generator().manual_seed(seed)
    return torch.randn(count, size, generator=random) * torch.linspace(0.2, 2, size) + 1


@pytest.mark.parametrize(("count", "size"), [(12, 30), (60, 30), (400, 8)])
def test_the_shrinkage_is_that_of_scikit_learn(count: int, size: int):
    spread = features(count, size).double()
    spread -= spread.mean(dim=0)
    variances, axes = distances._principal(spread)
    torch.testing.assert_close((axes * variances) @ axes.T, spread.T @ spread / count)
    wanted = ledoit_wolf_shrinkage(spread.numpy(), assume_centered=True)
    assert distances.ledoit_wolf_shrinkage(spread, variances) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(("count", "size"), [(24, 40), (200, 10)])
def test_the_distance_is_that_to_the_nearest_class_by_the_shrunk_covariance(count: int, size: int):
    x, labels = directions_of(features(count, size)), torch.arange(count) % 4
    labels[-1] = 9  # a class with one image has a mean, and no spread
    means = torch.stack([x[labels == label].mean(dim=0) for label in labels.unique()])
    places = torch.searchsorted(labels.unique(), labels)
    counts = labels.bincount()[labels]
    spread = ((x - means[places]) * (counts / (counts - 1).clamp_min(1)).sqrt()[:, None])[:-1]
    precision = torch.linalg.inv(torch.from_numpy(ledoit_wolf(spread.numpy(), assume_centered=True)[0]))
    others = directions_of(features(7, size, seed=1))
    away = others[:, None] - means
    wanted = torch.einsum("ncf,fg,ncg->nc", away, precision, away).amin(dim=1).sqrt()
    fitted = fit_mahalanobis(x, labels)
    assert fitted is not None
    torch.testing.assert_close(fitted(others.float())[:, 0].double(), wanted, rtol=1e-3, atol=1e-3)


def test_images_that_are_all_alike_within_their_classes_have_no_spread():
    alone = directions_of(features(5, 8))
    assert fit_mahalanobis(alone, torch.arange(5)) is None
    assert fit_mahalanobis(alone[[0, 0, 1, 1]], torch.tensor([0, 0, 1, 1])) is None


def test_the_nearest_images_are_those_given():
    x = directions_of(features(9, 8))
    found = fit_neighbours(x)(x.float())[:, 0]
    assert torch.equal(found < 0.9, torch.ones(9, dtype=torch.bool))
