"""Standardising each domain by its own mean and deviation."""

from __future__ import annotations

import torch

from tests.training.adaptation.made import domains
from tlstudio.training.adaptation.domains import Standardisation


def test_a_folded_layer_takes_raw_features():
    made, _ = domains()
    standardisation = Standardisation.of(made.target)
    random = torch.Generator().manual_seed(3)
    weight, bias = torch.randn(4, 48, generator=random), torch.randn(4, generator=random)
    folded = standardisation.folded(weight, bias)
    wanted = torch.nn.functional.linear(standardisation.apply(made.target), weight, bias)
    torch.testing.assert_close(torch.nn.functional.linear(made.target, *folded), wanted, atol=1e-4, rtol=1e-4)


def test_a_feature_that_never_varies_stays_finite():
    features = torch.ones(5, 3)
    assert Standardisation.of(features).apply(features).isfinite().all()


def test_the_shares_of_the_source_count_absent_classes():
    made, _ = domains()
    shares = made.shares()
    assert len(shares) == 3
    assert float(shares.sum()) == 1
