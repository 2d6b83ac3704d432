import pytest
import torch
from torch import nn

from tlstudio.specs.recipe import OptimiserSettings
from tlstudio.training.loop.optimiser import build_optimiser, class_weights, rate_factor, set_rate


def test_rates_fall_with_depth_and_norms_have_no_decay():
    parameters = {
        "head.weight": nn.Parameter(torch.zeros(2, 2)),
        "top.weight": nn.Parameter(torch.zeros(2, 2)),
        "top.bias": nn.Parameter(torch.zeros(2)),
        "low.weight": nn.Parameter(torch.zeros(2, 2)),
    }
    depths = {"head.weight": -1, "top.weight": 0, "top.bias": 0, "low.weight": 2}
    settings = OptimiserSettings(learning_rate_stages=1e-3, learning_rate_head=1e-2, stage_decay=0.5)
    optimiser = build_optimiser(parameters, depths, settings)
    found = {
        name: (group["lr"], group["weight_decay"])
        for group in optimiser.param_groups
        for name, parameter in parameters.items()
        if any(member is parameter for member in group["params"])
    }
    assert found == {
        "head.weight": (1e-2, 0.05),
        "top.weight": (1e-3, 0.05),
        "top.bias": (1e-3, 0.0),
        "low.weight": (2.5e-4, 0.05),
    }
    assert set_rate(optimiser, 0.5) == 5e-3
    assert sorted(group["lr"] for group in optimiser.param_groups) == [1.25e-4, 5e-4, 5e-4, 5e-3]


def test_one_cycle_rises_and_falls_to_nothing():
    factors = [rate_factor(step / 100, warmup_fraction=0.2) for step in range(1, 101)]
    assert factors[:20] == sorted(factors[:20])
    assert factors[19] == pytest.approx(1)
    assert factors[20:] == sorted(factors[20:], reverse=True)
    assert factors[-1] == pytest.approx(0)
    assert factors[0] == pytest.approx(0.05)


def test_no_warmup_starts_at_the_top():
    assert rate_factor(0.001, warmup_fraction=0.0) == pytest.approx(1, abs=1e-4)


def test_class_weights_make_classes_count_the_same():
    labels = torch.tensor([0] * 8 + [1] * 2)
    weights = class_weights(labels, classes_count=3)
    assert weights[0] * 8 == pytest.approx(float(weights[1] * 2))
    assert float(weights[labels].mean()) == pytest.approx(1)
    assert weights[2] == 0
