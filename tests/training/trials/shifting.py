"""A phase that harms: it changes the weights of the backbone without learning anything."""

from __future__ import annotations

import torch

from tlstudio.training.phases.phase import Phase, PhaseResult
from tlstudio.training.planning.costs import Cost


class ShiftBackbone(Phase):
    """Sets all weights of the backbone to one number, after which all images look alike."""

    stage = "shift"
    learns = False
    changes_backbone = True

    def run(self, state, *, emit, control):
        with torch.no_grad():
            for parameter in state.classifier.backbone.parameters():
                parameter.fill_(0.01)
        return PhaseResult()

    def cost(self, probe):
        return Cost()
