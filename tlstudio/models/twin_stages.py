"""Stages that training changed beside copies of them as they were: one backbone with two features."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tlstudio.models.stages import Backbone

TWINS = "twins"
"""Name of the stage that holds both."""


def first_changed_stage(backbone: Backbone, before: Backbone) -> str | None:
    """The first stage whose weights or statistics differ from what they were; None where none does.

    Args:
        backbone: After a training.
        before: The same before it, on any device.
    """
    for name in backbone.stage_names:
        values, old = backbone.stage(name).state_dict(), before.stage(name).state_dict()
        if any(not torch.equal(value.cpu(), old[key].cpu()) for key, value in values.items()):
            return name
    return None


def stages_from(backbone: Backbone, start: str) -> Backbone:
    """The stages from `start` on as a backbone of their own, which takes the activations that enter `start`.

    Raises:
        ValueError: There is no such stage.
    """
    return Backbone(
        backbone.id,
        stages=[(name, backbone.stage(name)) for name in backbone.stages_from(start)],
        pool=backbone.pool,
        feature_size=backbone.feature_size,
        preprocessing=backbone.preprocessing,
    )


def with_twin_stages(backbone: Backbone, twin: Backbone) -> Backbone:
    """A backbone whose feature [N, 2 F] is its own and, after it, that of other stages at its end.

    What lies before these stages is computed once. Nothing is copied.

    Args:
        backbone: F features.
        twin: From `stages_from` of the same backbone with other weights.
    """
    start = twin.stage_names[0]
    shared = backbone.stage_names[: backbone.stage_names.index(start)]
    return Backbone(
        backbone.id,
        stages=[
            *((name, backbone.stage(name)) for name in shared),
            (TWINS, _Twins(stages_from(backbone, start), twin)),
        ],
        pool=nn.Identity(),
        feature_size=2 * backbone.feature_size,
        preprocessing=backbone.preprocessing,
    )


class _Twins(nn.Module):
    """Two chains of stages with one input; their features side by side."""

    def __init__(self, first: Backbone, second: Backbone) -> None:
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x: Tensor) -> Tensor:
        """Features [N, 2 F] of the activations that enter both."""
        return torch.cat([self.first(x), self.second(x)], dim=1)
