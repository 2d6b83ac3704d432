"""Where backbones come from: one source per file."""

from __future__ import annotations

from pathlib import Path

import torch

from tlstudio.core.contracts import BackboneSource
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, ignore
from tlstudio.core.registry import Registry
from tlstudio.models.catalog import BackboneInfo, catalog
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import fetch_weights

SOURCES: Registry[BackboneSource[BackboneInfo, Backbone]] = Registry("tlstudio.models.backbones")


def find_backbone(backbone_id: str) -> BackboneInfo:
    """What is known about a backbone of the catalogue, or any other that timm has weights for.

    Args:
        backbone_id: From the catalogue, or a timm name.

    Returns:
        Without `stages` for a backbone outside the catalogue; `timm_hub.describe` has them.

    Raises:
        UserError: There is no such backbone; names like it are listed.
    """
    from tlstudio.models.backbones.timm_hub import outside_info

    known = {info.id: info for info in catalog()}
    return known[backbone_id] if backbone_id in known else outside_info(backbone_id)


def load_backbone(
    backbone_id: str,
    *,
    weights_file: Path | None = None,
    pretrained: bool = True,
    run_id: str = "",
    emit: Emit = ignore,
    control: Control | None = None,
) -> Backbone:
    """A backbone with its weights, cut into stages, in eval mode, on the CPU.

    Args:
        backbone_id: From the catalogue, or a timm name.
        weights_file: Weights of the person's own; nothing is downloaded then.
        pretrained: False for random weights, e.g. when all of them are about to be loaded.
        run_id: Written into events.
        emit: Told how far a download is.
        control: Cancels a download.

    Raises:
        UserError: Unknown backbone, weights that cannot be had or do not fit.
        Cancelled: The person cancelled the download; what arrived is kept for the next time.
    """
    info = find_backbone(backbone_id)
    if pretrained and weights_file is None:
        weights_file = fetch_weights(info, run_id=run_id, emit=emit, control=control)
    # Drawing weights that are overwritten at once must not use up the random numbers of the run's seed.
    with torch.random.fork_rng(devices=[]):
        return SOURCES.get(info.source).build(info, weights_file=weights_file)
