"""Leaving out in closed form, against fitting again without the images."""

from __future__ import annotations

import pytest
import torch
from sklearn.linear_model import Ridge

from tlstudio.training.head.leave_one_out import LeaveOneOut


@pytest.mark.parametrize("size", [5, 60], ids=["more images than features", "more features than images"])
@pytest.mark.parametrize("l2", [1e-3, 0.1])
def test_it_predicts_what_a_fit_without_the_unit_predicts(size: int, l2: float):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(24, size, generator=generator) + 3
    targets = torch.eye(3, dtype=torch.float64)[torch.randint(3, (24,), generator=generator)]
    units = [*range(18), 18, 18, 18, 19, 19, 0]
    found = LeaveOneOut(features, units=units).predictions(targets, l2=l2)
    x = features.double() - features.double().mean(dim=0)
    x = x / x.square().sum(dim=1).mean().sqrt()
    for unit in set(units):
        own = torch.tensor([other == unit for other in units])
        fit = Ridge(alpha=len(units) * l2).fit(x[~own].numpy(), targets[~own].numpy())
        assert found[own] == pytest.approx(torch.from_numpy(fit.predict(x[own].numpy())), abs=1e-8)


def test_features_that_do_not_vary_predict_the_mean_of_the_others():
    targets = torch.tensor([[1.0], [0.0], [0.0]], dtype=torch.float64)
    found = LeaveOneOut(torch.ones(3, 4), units=[0, 1, 2]).predictions(targets, l2=0.1)
    assert found[:, 0].tolist() == pytest.approx([0.0, 0.5, 0.5])
