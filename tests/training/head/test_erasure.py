"""Erasing a nuisance from made features."""

from __future__ import annotations

import pytest
import torch

from tlstudio.training.head.erasure import balanced_weights, combinations, fit_eraser

N, SIZE = 400, 12


def made(seed: int = 0, *, size: int = SIZE):
    """Features in which a class shifts the first, and a nuisance the second direction; 80 % go together."""
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(N) % 2
    values = torch.where(torch.rand(N, generator=draw) < 0.8, labels, 1 - labels)
    features = 5 + torch.randn(N, size, generator=draw)
    features[:, 0] += 3 * labels
    features[:, 1] += 3 * values
    return features, labels, values


def test_no_weighted_mean_tells_the_nuisance_any_more_and_the_class_stays():
    features, labels, values = made()
    weights = balanced_weights(labels, values)
    erased = fit_eraser(features, values, weights=weights).erase(features)
    one, two = (
        ((weights * (values == v))[:, None] * erased).sum(0) / weights[values == v].sum() for v in (0, 1)
    )
    torch.testing.assert_close(one, two, atol=0.02, rtol=0)
    apart = erased[labels == 1].mean(0) - erased[labels == 0].mean(0)
    assert apart[0] > 2.5


def test_a_head_on_raw_features_equals_one_on_erased_features():
    features, labels, values = made()
    eraser = fit_eraser(features, values, weights=balanced_weights(labels, values))
    weight, bias = torch.randn(3, SIZE), torch.randn(3)
    folded, shift = eraser.folded(weight, bias)
    expected = eraser.erase(features) @ weight.T + bias
    torch.testing.assert_close(features @ folded.T + shift, expected, atol=1e-3, rtol=1e-3)
    other, other_shift = eraser.folded(folded, shift)
    torch.testing.assert_close(other, folded, atol=1e-4, rtol=1e-3)  # once erased, nothing is left to erase
    torch.testing.assert_close(other_shift, shift, atol=1e-3, rtol=1e-3)


def test_combinations_count_alike():
    labels, values = torch.tensor([0, 0, 0, 1, 1]), torch.tensor([0, 0, 1, 1, 1])
    groups = combinations(labels, values)
    weights = balanced_weights(labels, values)
    assert groups.bincount().tolist() == [2, 1, 2]
    sums = torch.zeros(3, dtype=torch.float64).index_add(0, groups, weights)
    assert sums.tolist() == pytest.approx([5 / 3] * 3)


def test_more_features_than_images_and_a_constant_one_give_finite_numbers():
    features, labels, values = (part[:20] for part in made(size=60))
    features[:, 5] = 1.0
    eraser = fit_eraser(features, values, weights=balanced_weights(labels, values))
    assert torch.isfinite(eraser.erase(features)).all()
    flat = fit_eraser(torch.ones(20, 4), values, weights=torch.ones(20, dtype=torch.float64))
    assert torch.isfinite(flat.erase(torch.ones(20, 4))).all()
