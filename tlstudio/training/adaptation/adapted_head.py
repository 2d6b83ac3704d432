"""A head that takes raw features of the target, whatever it was learned on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from tlstudio.models.heads import Head, build_head
from tlstudio.specs.recipe import HeadSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptedHead:
    """Weights of a linear head, or of one with a hidden layer.

    Attributes:
        weight: float32 [K, F]; with a hidden layer [K, H].
        bias: float32 [K].
        hidden_weight: float32 [H, F]; None in a linear head.
        hidden_bias: float32 [H]; None in a linear head.
    """

    weight: Tensor
    bias: Tensor
    hidden_weight: Tensor | None = None
    hidden_bias: Tensor | None = None

    def logits(self, features: Tensor) -> Tensor:
        """Logits [N, K] of raw features [N, F] of the target."""
        x = features
        if self.hidden_weight is not None:
            x = functional.gelu(functional.linear(x, self.hidden_weight, self.hidden_bias))
        return functional.linear(x, self.weight, self.bias)

    @torch.no_grad()
    def as_head(self, *, dropout: float) -> Head:
        """The head of a classifier.

        Args:
            dropout: Written into its settings; it has no effect on predictions.
        """
        kind = HeadSettings(dropout=dropout)
        if self.hidden_weight is not None:
            kind = HeadSettings(kind="hidden", hidden_units=len(self.hidden_weight), dropout=dropout)
        inputs = self.weight if self.hidden_weight is None else self.hidden_weight
        head = build_head(kind, feature_size=inputs.shape[1], classes_count=len(self.bias))
        head.linear.weight.copy_(self.weight)
        head.linear.bias.copy_(self.bias)
        if self.hidden_weight is not None and self.hidden_bias is not None:
            first = next(module for module in head.hidden.modules() if isinstance(module, torch.nn.Linear))
            first.weight.copy_(self.hidden_weight)
            first.bias.copy_(self.hidden_bias)
        return head
