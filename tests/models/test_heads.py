from __future__ import annotations

import pytest
import torch
from torch import nn

from tlstudio.models.heads import build_head
from tlstudio.specs.recipe import HeadSettings


def test_a_linear_head_takes_the_solution_of_a_linear_probe() -> None:
    head = build_head(HeadSettings(), feature_size=6, classes_count=3).eval()
    weight, bias, features = torch.randn(3, 6), torch.randn(3), torch.randn(4, 6)
    head.set_linear(weight, bias)
    torch.testing.assert_close(head(features), features @ weight.T + bias)
    assert head.linear.weight.requires_grad


def test_a_head_with_a_hidden_layer_is_not_linear() -> None:
    settings = HeadSettings(kind="hidden", hidden_units=8)
    head = build_head(settings, feature_size=6, classes_count=3).eval()
    x = torch.randn(4, 6)
    assert head(x).shape == (4, 3)
    assert not torch.allclose(head(x) + head(-x), 2 * head(torch.zeros(1, 6)), atol=1e-4)
    with pytest.raises(ValueError, match="hidden"):
        head.set_linear(torch.zeros(3, 8), torch.zeros(3))


def test_dropout_acts_in_training_only() -> None:
    head = build_head(HeadSettings(dropout=0.5), feature_size=64, classes_count=3)
    x = torch.ones(1, 64)
    assert not torch.equal(head.train()(x), head(x))
    assert torch.equal(head.eval()(x), head(x))
    assert [m.p for m in head.modules() if isinstance(m, nn.Dropout)] == [0.5]


def test_a_solution_of_another_shape_and_no_classes_are_refused() -> None:
    head = build_head(HeadSettings(), feature_size=6, classes_count=3)
    with pytest.raises(ValueError, match="do not fit"):
        head.set_linear(torch.zeros(2, 6), torch.zeros(2))
    with pytest.raises(ValueError, match="at least one class"):
        build_head(HeadSettings(), feature_size=6, classes_count=0)
