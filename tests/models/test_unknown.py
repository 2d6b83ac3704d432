"""The unknown score from a frozen feature: its distances, its scale, and its file."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tlstudio.models.unknown import Mahalanobis, Neighbours, UnknownScorer, unknown_scorer_from

SIZE = 6


def spread(seed: int = 0, count: int = 7) -> Tensor:
    return torch.randn(count, SIZE, generator=torch.Generator().manual_seed(seed))


def mahalanobis(covariance: Tensor, means: Tensor) -> Mahalanobis:
    """Of a covariance that is one variance everywhere plus more along three directions."""
    variances, axes = torch.linalg.eigh(covariance)
    scale = variances[0].rsqrt()
    made = Mahalanobis(
        centre=means.mean(dim=0),
        basis=axes[:, -3:],
        gains=variances[-3:].rsqrt() - scale,
        scale=scale,
        means=torch.zeros(0),
    )
    made.means = made.whitened(means)
    return made


def test_the_distance_to_the_nearest_mean_is_that_of_the_full_covariance():
    axes = torch.linalg.qr(spread(1, SIZE))[0]
    covariance = axes @ torch.diag(torch.tensor([0.5, 0.5, 0.5, 1.0, 2.0, 4.0])) @ axes.T
    means, x = spread(2, 3), spread(3)
    away = x[:, None] - means
    wanted = torch.einsum("ncf,fg,ncg->nc", away, covariance.inverse(), away).amin(dim=1).sqrt()
    torch.testing.assert_close(mahalanobis(covariance, means)(x)[:, 0], wanted, rtol=1e-4, atol=1e-4)


def test_the_distance_to_images_is_that_to_the_five_nearest():
    images, x = (torch.nn.functional.normalize(spread(seed, 9)) for seed in (4, 5))
    wanted = 1 - (x @ images.T).sort(dim=1).values[:, -5:].mean(dim=1)
    torch.testing.assert_close(Neighbours(images=images)(x)[:, 0], wanted)
    torch.testing.assert_close(Neighbours(images=images[:2])(x)[:, 0], 1 - (x @ images[:2].T).mean(dim=1))


def by_images(anchors: tuple[float, float, float], *, factor: float = 1.0) -> UnknownScorer:
    """Measures the distance to one image along the first axis: 1 - cosine."""
    image = torch.zeros(1, SIZE)
    image[0, 0] = 1.0
    return UnknownScorer(
        mahalanobis=None,
        neighbours=Neighbours(images=image),
        weights=torch.tensor([factor]),
        anchors=torch.tensor(anchors),
    )


def at_distance(distance: float) -> Tensor:
    feature = torch.zeros(1, SIZE)
    feature[0, 0], feature[0, 1] = 1 - distance, (1 - (1 - distance) ** 2) ** 0.5
    return feature


def test_the_anchors_get_their_scores_whatever_the_length_of_the_feature():
    scorer = by_images((0.1, 0.3, 0.9))
    for distance, wanted in ((0.1, 0.1), (0.3, 0.5), (0.9, 0.9)):
        for length in (1.0, 37.0):
            assert float(scorer(at_distance(distance) * length)) == pytest.approx(wanted, abs=1e-4)


@given(st.lists(st.floats(0, 2), min_size=2, max_size=2, unique=True).map(sorted))
def test_the_score_never_falls_with_the_distance_and_stays_within_0_and_1(distances: list[float]):
    scorer = by_images((0.1, 0.3, 0.9))
    near, far = (float(scorer(at_distance(distance))) for distance in distances)
    assert 0 <= near <= far + 1e-6 <= 1 + 1e-6


def test_a_feature_of_zeros_has_a_score():
    assert 0 <= float(by_images((0.1, 0.3, 0.9))(torch.zeros(1, SIZE))) <= 1


def test_two_distances_add_up_by_their_weights():
    means = torch.nn.functional.normalize(spread(6, 2))
    parts = (mahalanobis(torch.eye(SIZE) * 0.2, means), Neighbours(images=means))
    weights = torch.tensor([0.5, 3.0])
    x = torch.nn.functional.normalize(spread(7))
    sums = (torch.cat([part(x) for part in parts], dim=1) * weights).sum(dim=1)
    middle = float(sums.median())
    both = UnknownScorer(
        mahalanobis=parts[0],
        neighbours=parts[1],
        weights=weights,
        anchors=torch.tensor([middle - 1, middle, middle + 1]),
    )
    assert torch.equal(both(x)[:, 0] > 0.5, sums > middle)
    again = unknown_scorer_from(both.state_dict())
    assert torch.equal(again(x), both(x))


def test_doubt_is_how_little_nearer_the_nearest_mean_is_than_all_are():
    means = torch.nn.functional.normalize(spread(6, 3))
    part = mahalanobis(torch.eye(SIZE) * 0.2, means)
    x = torch.cat([means[:1], means.mean(dim=0, keepdim=True)])
    squares = torch.cdist(x, means).square() / 0.2
    wanted = torch.stack([squares.amin(dim=1).sqrt(), squares.amin(dim=1) - squares.mean(dim=1)], dim=1)
    torch.testing.assert_close(part.with_doubt(x), wanted, rtol=1e-3, atol=2e-3)
    assert float(wanted[1, 1]) > float(wanted[0, 1]), "between the classes there is more"


def test_a_third_weight_is_that_of_the_doubt():
    means = torch.nn.functional.normalize(spread(6, 2))
    parts = (mahalanobis(torch.eye(SIZE) * 0.2, means), Neighbours(images=means))
    weights = torch.tensor([0.5, 0.1, 3.0])
    x = torch.nn.functional.normalize(spread(7))
    sums = (torch.cat([parts[0].with_doubt(x), parts[1](x)], dim=1) * weights).sum(dim=1)
    middle = float(sums.median())
    made = UnknownScorer(
        mahalanobis=parts[0],
        neighbours=parts[1],
        weights=weights,
        anchors=torch.tensor([middle - 1, middle, middle + 1]),
    )
    assert torch.equal(made(x)[:, 0] > 0.5, sums > middle)
    again = unknown_scorer_from(made.state_dict())
    assert torch.equal(again(x), made(x))
    with pytest.raises(ValueError, match="a weight is needed"):
        UnknownScorer(mahalanobis=None, neighbours=parts[1], weights=weights[:2], anchors=made.anchors)


@pytest.mark.parametrize("anchors", [(0.3, 0.3, 0.9), (0.1, 0.3, 0.3), (0.1, 0.3, float("nan"))])
def test_anchors_that_do_not_rise_are_refused(anchors: tuple[float, float, float]):
    with pytest.raises(ValueError, match="do not rise"):
        by_images(anchors)


@pytest.mark.parametrize("missing", ["weights", "anchors", "distances.neighbours.images"])
def test_missing_parts_are_refused(missing: str):
    tensors = dict(by_images((0.1, 0.3, 0.9)).state_dict())
    del tensors[missing]
    with pytest.raises(ValueError, match=r"unknown score|distance"):
        unknown_scorer_from(tensors)
