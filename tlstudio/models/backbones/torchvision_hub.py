"""Inception-v3 from torchvision."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from torch import nn
from torchvision.models import inception_v3

from tlstudio.core.types import Preprocessing
from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalogue import BackboneInfo
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import fit_weights, read_weights_file

STEM = (
    "Conv2d_1a_3x3",
    "Conv2d_2a_3x3",
    "Conv2d_2b_3x3",
    "maxpool1",
    "Conv2d_3b_1x1",
    "Conv2d_4a_3x3",
    "maxpool2",
)
MIXED = (
    "Mixed_5b",
    "Mixed_5c",
    "Mixed_5d",
    "Mixed_6a",
    "Mixed_6b",
    "Mixed_6c",
    "Mixed_6d",
    "Mixed_6e",
    "Mixed_7a",
    "Mixed_7b",
    "Mixed_7c",
)

# As torchvision documents: shorter side 342, centre crop 299, bilinear, normalised with ImageNet's mean and
# deviation and then by `transform_input` inside the model; both together are just (value - 0.5) / 0.5.
PREPROCESSING = Preprocessing(
    input_size=299, resize_size=342, interpolation="bilinear", mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)
)


class TorchvisionSource:
    """Builds Inception-v3 without its auxiliary classifier, which only pre-training needs."""

    id = "torchvision"

    def preprocessing(self, info: BackboneInfo) -> Preprocessing:
        """See `BackboneSource.preprocessing`."""
        return PREPROCESSING

    def build(self, info: BackboneInfo, *, weights_file: Path | None) -> Backbone:
        """See `BackboneSource.build`."""
        model = inception_v3(weights=None, aux_logits=False, transform_input=False, init_weights=False)
        del model.fc
        if weights_file is not None:
            fit_weights(model, read_weights_file(weights_file), source=str(weights_file))
        stem = nn.Sequential(OrderedDict((name, getattr(model, name)) for name in STEM))
        return Backbone(
            info.id,
            stages=[("stem", stem), *((name, getattr(model, name)) for name in MIXED)],
            pool=nn.Sequential(model.avgpool, nn.Flatten()),
            feature_size=info.feature_size,
            preprocessing=self.preprocessing(info),
        ).eval()


SOURCES.register(TorchvisionSource())
