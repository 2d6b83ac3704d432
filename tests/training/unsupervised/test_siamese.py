"""The network that learns without labels that two views show the same image."""

from __future__ import annotations

import pytest
import torch

from tlstudio.training.unsupervised.siamese import build_siamese


@pytest.fixture
def features() -> torch.Tensor:
    """Of two views of 16 images: float32 [32, 12]."""
    return torch.randn(32, 12, generator=torch.Generator().manual_seed(0))


def test_a_view_is_compared_with_the_other_view_of_the_same_image(features: torch.Tensor):
    siamese = build_siamese(12, seed=0)
    siamese.predictor = torch.nn.Identity()  # so that equal features are predicted exactly
    same = torch.cat([features[:16], features[:16]])
    assert siamese(same).item() == pytest.approx(-1, abs=1e-5)
    assert siamese(torch.cat([features[:16], features[:16].roll(1, 0)])).item() > -0.5


def test_what_is_predicted_is_held_fixed(features: torch.Tensor):
    siamese = build_siamese(12, seed=0)
    features.requires_grad_()
    siamese.predictor.requires_grad_(False)
    siamese.predictor[-1].weight.data.zero_()  # predictions no longer depend on the features
    siamese(features).backward()
    assert features.grad is not None
    assert not features.grad.any()


def test_it_depends_on_the_seed_alone_and_leaves_the_random_numbers_as_they_are():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one, same, other = (build_siamese(4, seed=seed).state_dict() for seed in (0, 0, 1))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)
    assert not any("running" in name for name in one), "a checkpoint holds parameters only"
