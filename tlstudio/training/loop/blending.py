"""Blends trained weights with those that the training began with.

After Wortsman et al., Robust fine-tuning of zero-shot models (CVPR 2022), who call it WiSE-FT: on the
straight line between the two, a network keeps much of what it knew and most of what it has learned.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


@torch.no_grad()
def blend_parameters(
    parameters: Mapping[str, nn.Parameter], start: Mapping[str, Tensor], *, share: float
) -> None:
    """Move parameters towards the values that they had before.

    Args:
        parameters: By name; changed in place.
        start: Earlier values, from `copy_of`.
        share: Share of the earlier values: 0 leaves the parameters as they are, 1 restores the earlier values
            to the bit.
    """
    for name, parameter in parameters.items():
        parameter.lerp_(start[name].to(parameter.device), share)
