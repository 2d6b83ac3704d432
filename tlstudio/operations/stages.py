"""Lists the stages of a backbone."""

from __future__ import annotations

from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.models.backbones import load_backbone
from tlstudio.models.catalogue import is_clip
from tlstudio.models.clip import holds_clip, recognise
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import read_weights_file
from tlstudio.operations.context import Context, Values
from tlstudio.specs.operations.stages import StagesArguments


def stages(arguments: StagesArguments, context: Context) -> Values:
    """List the stages of a backbone, and check whether a weights file fits.

    Where the file holds weights of CLIP instead, the stages are those of the backbone that it is for.

    Returns:
        `{"backbone", "stages": [{"name", "parameters"}], "feature_size", "input_size"}`.

    Raises:
        UserError: There is no such backbone, or the weights file does not fit.
    """
    file = arguments.weights_file
    try:
        backbone = _load(arguments.backbone, file, context)
    except UserError:
        if file is None or is_clip(arguments.backbone) or not holds_clip(read_weights_file(file)):
            raise
        backbone = _load(recognise(file), file, context)
    return {
        "backbone": backbone.id,
        "stages": [
            {"name": name, "parameters": sum(p.numel() for p in backbone.stage(name).parameters())}
            for name in backbone.stage_names
        ],
        "feature_size": backbone.feature_size,
        "input_size": backbone.preprocessing.input_size,
    }


def _load(backbone_id: str, file: Path | None, context: Context) -> Backbone:
    return load_backbone(backbone_id, weights_file=file, pretrained=file is not None, control=context.control)


IMPLEMENTATION = stages
