"""AdamW with lower learning rates for lower stages, and the one-cycle schedule."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from tlstudio.specs.recipe import OptimiserSettings

LARGEST_GRADIENT_NORM = 1.0
"""Gradients are clipped to this norm, so that one unusual batch cannot destroy the weights."""


def build_optimiser(
    parameters: Mapping[str, nn.Parameter], depths: Mapping[str, int], settings: OptimiserSettings
) -> torch.optim.AdamW:
    """AdamW over the trainable parameters, in the order of their names.

    The head learns at `learning_rate_head`, the topmost stage at `learning_rate_stages`, each stage below at
    `stage_decay` times the one above. Biases and norms (tensors of one dimension) have no weight decay.

    Args:
        parameters: By name.
        depths: Stages below the topmost one, by name; -1 for the head.
        settings: From the recipe.

    Returns:
        Groups carry `base_lr`, which `set_rate` scales.
    """
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, parameter in sorted(parameters.items()):
        groups.setdefault((depths[name], parameter.ndim > 1), []).append(parameter)
    described = []
    for (depth, decays), members in groups.items():
        rate = (
            settings.learning_rate_head
            if depth < 0
            else settings.learning_rate_stages * settings.stage_decay**depth
        )
        decay = settings.weight_decay if decays else 0.0
        described.append({"params": members, "lr": rate, "base_lr": rate, "weight_decay": decay})
    return torch.optim.AdamW(described, fused=True)


def rate_factor(progress: float, *, warmup_fraction: float) -> float:
    """The one cycle: a straight rise from near 0, then half a cosine down to 0.

    Args:
        progress: Share of all steps done after this one, above 0 up to 1.
        warmup_fraction: Share of all steps that rise.

    Returns:
        What the base rates are multiplied with, 0 … 1.
    """
    if progress < warmup_fraction:
        return progress / warmup_fraction
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup_fraction) / max(1 - warmup_fraction, 1e-12)))


def set_rate(optimiser: torch.optim.Optimizer, factor: float) -> float:
    """Scale all rates; returns the highest, which is the one to show."""
    for group in optimiser.param_groups:
        group["lr"] = group["base_lr"] * factor
    return max(float(group["lr"]) for group in optimiser.param_groups)


def class_weights(labels: Tensor, *, classes_count: int) -> Tensor:
    """Weights [K] that let every class count the same: inverse to its images, mean 1 over the images.

    Classes without images get 0.
    """
    counts = torch.bincount(labels, minlength=classes_count).float()
    present = int((counts > 0).sum())
    return torch.where(counts > 0, len(labels) / (present * counts.clamp_min(1)), torch.zeros_like(counts))
