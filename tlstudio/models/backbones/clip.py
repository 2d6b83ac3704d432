"""CLIP backbones: the image towers of open_clip's architectures, with weights from the person's own file."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from tlstudio.core.types import Preprocessing
from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalogue import CLIP, CLIP_PREFIX, BackboneInfo, StageInfo
from tlstudio.models.clip import architecture_of, build_clip, load_clip
from tlstudio.models.stages import Backbone

TOWER = "stem"
"""Name of the only stage: the whole tower is frozen, or nothing of it."""
TINY = 1e-12


class ClipSource:
    """Builds image towers; the features have equal lengths, because CLIP compares directions alone."""

    id = CLIP

    def preprocessing(self, info: BackboneInfo) -> Preprocessing:
        """See `BackboneSource.preprocessing`: what most published weights of the architecture ask for."""
        name = architecture_of(info.id)
        import open_clip

        tags = open_clip.list_pretrained_tags_by_model(name)
        published = [open_clip.get_pretrained_cfg(name, tag) for tag in tags]
        ((mean, std, interpolation), _), *_ = Counter(map(_values, published or [{}])).most_common(1)
        return Preprocessing(
            input_size=info.input_size,
            resize_size=info.input_size,
            interpolation=interpolation,
            mean=mean,
            std=std,
        )

    def build(self, info: BackboneInfo, *, weights_file: Path | None) -> Backbone:
        """See `BackboneSource.build`."""
        model = (
            build_clip(architecture_of(info.id))
            if weights_file is None
            else load_clip(info.id, weights_file=weights_file)
        )
        return Backbone(
            info.id,
            stages=[(TOWER, model.get_submodule("visual"))],
            pool=_EqualLengths(),
            feature_size=info.feature_size,
            preprocessing=self.preprocessing(info),
        ).eval()


class _EqualLengths(nn.Module):
    """Scales features [N, F] to the length √F, so that their values are about 1."""

    def forward(self, x: Tensor) -> Tensor:
        return x / ((x * x).mean(dim=1, keepdim=True) + TINY).sqrt()


_Channels = tuple[float, float, float]


def _values(published: dict[str, Any]) -> tuple[_Channels, _Channels, Literal["bilinear", "bicubic"]]:
    """Mean, deviation and interpolation, of what open_clip records of published weights."""
    import open_clip

    return (
        tuple(published.get("mean") or open_clip.OPENAI_DATASET_MEAN),
        tuple(published.get("std") or open_clip.OPENAI_DATASET_STD),
        "bilinear" if published.get("interpolation") == "bilinear" else "bicubic",
    )


@cache
def describe(backbone_id: str) -> BackboneInfo:
    """Describe the image tower of an architecture.

    Raises:
        UserError: There is no such architecture, or the optional part is missing.
    """
    name = architecture_of(backbone_id)
    import open_clip

    with torch.device("meta"):
        visual: Any = build_clip(name).get_submodule("visual")
        side = visual.image_size[0] if isinstance(visual.image_size, tuple) else int(visual.image_size)
    parameters = sum(tensor.numel() for tensor in visual.parameters())
    return BackboneInfo(
        id=CLIP_PREFIX + name,
        title=f"CLIP {name}",
        source=CLIP,
        timm_name=name,
        parameters=parameters,
        input_size=side,
        feature_size=int(open_clip.get_model_config(name)["embed_dim"]),
        pretrained_on="pairs of images and texts",
        licence="not stated",
        download_bytes=0,
        stages=(StageInfo(name=TOWER, parameters=parameters),),
        summary="The image tower of a CLIP model, with weights from a file of your own.",
        tags=("own weights",),
        extra=CLIP,
        licence_note="The page that the file comes from names its licence.",
    )


SOURCES.register(ClipSource())
