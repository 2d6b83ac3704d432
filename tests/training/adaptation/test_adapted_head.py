"""An adapted head becomes a head of a classifier with the same answers."""

from __future__ import annotations

import pytest
import torch

from tlstudio.training.adaptation.adapted_head import AdaptedHead


@pytest.mark.parametrize("units", [None, 5])
def test_the_module_answers_the_same_with_no_further_values(units: int | None):
    random = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random)

    head = AdaptedHead(weight=drawn(3, units or 7), bias=drawn(3))
    if units is not None:
        head = AdaptedHead(
            weight=head.weight, bias=head.bias, hidden_weight=drawn(units, 7), hidden_bias=drawn(units)
        )
    module, features = head.as_head(dropout=0.4).eval(), drawn(6, 7)
    assert module.settings.kind == ("linear" if units is None else "hidden")
    torch.testing.assert_close(module(features), head.logits(features))
