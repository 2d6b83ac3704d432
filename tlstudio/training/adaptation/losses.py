"""Losses of a head on unlabelled images, which are added to that on the labelled ones."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

TEMPERATURE = 2.5
"""Softens predictions before their confusion is counted, as its authors do."""
SMALLEST = 1e-6


def class_confusion(logits: Tensor) -> Tensor:
    """Measure how much the classes are confused in the predictions of a batch: 0 … about 1.

    Minimum class confusion (Jin 2020, arXiv:1912.03699). Images that are decided count more, and each class
    counts the same.

    Args:
        logits: [N, K].
    """
    p = (logits / TEMPERATURE).softmax(dim=1)
    weight = 1 + (-_entropy(p)).exp()
    weight = (len(p) * weight / weight.sum()).detach()
    confusion = (p * weight[:, None]).T @ p
    confusion = confusion / confusion.sum(dim=1, keepdim=True).clamp_min(SMALLEST)
    return (confusion.sum() - confusion.trace()) / len(confusion)


def lack_of_information(logits: Tensor, shares: Tensor) -> Tensor:
    """Measure how undecided the predictions of a batch are, and how far their mean is from the expected mix.

    Information maximisation (Shi and Sha 2012, arXiv:1206.6438), with the mix in place of equal shares.

    Args:
        logits: [N, K].
        shares: Expected share of each class [K].
    """
    p = logits.softmax(dim=1)
    mean = p.mean(dim=0).clamp_min(SMALLEST)
    return _entropy(p).mean() + (mean * (mean / shares.clamp_min(SMALLEST)).log()).sum()


def _entropy(p: Tensor) -> Tensor:
    """Entropy in nats of each row."""
    return -(p * p.clamp_min(SMALLEST).log()).sum(dim=1)


class _Reversal(torch.autograd.Function):
    """The identity, whose gradient is turned round."""

    @staticmethod
    def forward(context: Any, x: Tensor, strength: float) -> Tensor:
        """Return the input unchanged."""
        context.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Return the gradient with its sign changed."""
        return -context.strength * gradients[0], None


def reversed_gradient(x: Tensor, strength: float) -> Tensor:
    """The same values with the opposite gradient, so that what comes before learns to hide the domain.

    Domain-adversarial training (Ganin 2016, arXiv:1505.07818).
    """
    turned: Tensor = _Reversal.apply(x, strength)
    return turned
