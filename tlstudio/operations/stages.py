"""Lists the stages of a backbone."""

from __future__ import annotations

from tlstudio.models.backbones import load_backbone
from tlstudio.operations.context import Context, Values
from tlstudio.specs.operations.stages import StagesArguments


def stages(arguments: StagesArguments, context: Context) -> Values:
    """List the stages of a backbone, and check whether a weights file fits.

    Returns:
        `{"stages": [{"name", "parameters"}], "feature_size", "input_size"}`.

    Raises:
        UserError: There is no such backbone, or the weights file does not fit.
    """
    file = arguments.weights_file
    backbone = load_backbone(
        arguments.backbone, weights_file=file, pretrained=file is not None, control=context.control
    )
    return {
        "stages": [
            {"name": name, "parameters": sum(p.numel() for p in backbone.stage(name).parameters())}
            for name in backbone.stage_names
        ],
        "feature_size": backbone.feature_size,
        "input_size": backbone.preprocessing.input_size,
    }


IMPLEMENTATION = stages
