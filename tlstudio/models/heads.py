"""The head: the new last layers that turn a feature into one logit per class."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tlstudio.specs.recipe import HeadSettings


class Head(nn.Module):
    """Dropout and a linear layer; the kind "hidden" has one hidden layer before them.

    Args:
        settings: Kind, size and activation of the hidden layer, dropout.
        feature_size: Length of the feature.
        classes_count: Number of classes.
    """

    def __init__(self, settings: HeadSettings, *, feature_size: int, classes_count: int) -> None:
        super().__init__()
        self.settings = settings
        width = feature_size
        self.hidden: nn.Module = nn.Identity()
        if settings.kind == "hidden":
            width = settings.hidden_units
            activation = nn.Softmax(dim=1) if settings.activation == "softmax" else nn.GELU()
            self.hidden = nn.Sequential(nn.Linear(feature_size, width), activation)
        self.dropout = nn.Dropout(settings.dropout)
        self.linear = nn.Linear(width, classes_count)

    def forward(self, features: Tensor) -> Tensor:
        """Compute logits [N, K] of features [N, F]."""
        logits: Tensor = self.linear(self.dropout(self.hidden(features)))
        return logits

    @torch.no_grad()
    def set_linear(self, weight: Tensor, bias: Tensor) -> None:
        """Set the linear layer to the solution of a linear probe.

        Args:
            weight: float [K, F].
            bias: float [K].

        Raises:
            ValueError: The head is not linear, or the shapes differ.
        """
        if self.settings.kind != "linear":
            raise ValueError("a linear solution does not fit a head with a hidden layer")
        if weight.shape != self.linear.weight.shape or bias.shape != self.linear.bias.shape:
            raise ValueError(
                f"{tuple(weight.shape)}, {tuple(bias.shape)} do not fit {tuple(self.linear.weight.shape)}"
            )
        self.linear.weight.copy_(weight)
        self.linear.bias.copy_(bias)


def build_head(settings: HeadSettings, *, feature_size: int, classes_count: int) -> Head:
    """Make a head with new random weights, drawn from torch's global generator.

    Args:
        settings: From the recipe.
        feature_size: Of the backbone.
        classes_count: At least 1.

    Raises:
        ValueError: There are no classes.
    """
    if classes_count < 1:
        raise ValueError("a head needs at least one class")
    return Head(settings, feature_size=feature_size, classes_count=classes_count)
