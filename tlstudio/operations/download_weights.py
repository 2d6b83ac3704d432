"""Fetches the weights of a backbone."""

from __future__ import annotations

from tlstudio.models.backbones import find_backbone
from tlstudio.models.weights import fetch_weights
from tlstudio.operations.context import Context, Values
from tlstudio.specs.operations.download_weights import DownloadWeightsArguments


def download_weights(arguments: DownloadWeightsArguments, context: Context) -> Values:
    """Fetch a backbone's weights unless they are on this computer already: `{"path"}`."""
    backbone = find_backbone(arguments.backbone)
    path = fetch_weights(backbone, run_id=context.run_id, emit=context.emit, control=context.control)
    return {"path": str(path)}


IMPLEMENTATION = download_weights
