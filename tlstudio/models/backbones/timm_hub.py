"""Backbones from timm: those in the catalogue, and any other by its name."""

from __future__ import annotations

import difflib
from dataclasses import replace
from functools import cache
from pathlib import Path

import timm
import torch
from torch import nn

from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing
from tlstudio.models.backbones import SOURCES
from tlstudio.models.catalogue import WORDS, BackboneInfo, StageInfo
from tlstudio.models.cuts import Cut, cut_model, holds, whole
from tlstudio.models.stages import Backbone
from tlstudio.models.timm_models import adapt_state, build_model, recorded_preprocessing
from tlstudio.models.weights import fit_weights, read_weights_file


class TimmSource:
    """Builds timm models with weights from the hub, or from a file with the same tensor names."""

    id = "timm"

    def preprocessing(self, info: BackboneInfo) -> Preprocessing:
        """See `BackboneSource.preprocessing`."""
        return recorded_preprocessing(info.timm_name, input_size=info.input_size)

    def build(self, info: BackboneInfo, *, weights_file: Path | None) -> Backbone:
        """See `BackboneSource.build`."""
        model = build_model(info.timm_name, input_size=info.input_size)
        if weights_file is not None:
            state = adapt_state(model, read_weights_file(weights_file))
            fit_weights(model, state, source=str(weights_file))
        # Cuts of the catalogue's backbones are checked by the tests.
        cut = cut_model(model) if info.id in WORDS else _checked_cut(info, model)
        return Backbone(
            info.id,
            stages=cut.stages,
            pool=cut.pool,
            feature_size=info.feature_size,
            preprocessing=self.preprocessing(info),
        ).eval()


def _checked_cut(info: BackboneInfo, model: nn.Module) -> Cut:
    """Cut a model that the tests do not cover and check the cut on noise; one single stage if it is wrong."""
    size = info.input_size
    images = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        features = model(images)
    if features.ndim != 2:
        raise UserError(
            f"{info.id} gives no single feature per image.", mend="Choose a backbone for classification."
        )
    # Cutting takes the model apart, so an uncut copy is needed for the fallback.
    spare = build_model(info.timm_name, input_size=size)
    spare.load_state_dict(model.state_dict())
    cut = cut_model(model)
    return cut if holds(cut, images=images, features=features) else whole(spare)


def search_backbones(text: str) -> list[str]:
    """List timm models with weights whose names contain all words of `text`, sorted.

    Args:
        text: Words in any order and case; an empty text lists all.
    """
    words = text.lower().replace(" ", "_").split("_")
    return [name for name in _on_hub() if all(word in name for word in words)]


@cache
def _on_hub() -> tuple[str, ...]:
    """Models whose weights are on timm's own pages of the hub, all in the same form."""
    records = ((name, timm.get_pretrained_cfg(name)) for name in timm.list_models(pretrained=True))
    return tuple(name for name, cfg in records if cfg and cfg.hf_hub_id == f"timm/{name}")


@cache
def outside_info(timm_name: str) -> BackboneInfo:
    """Describe a model outside the catalogue from what timm records; `stages` is empty.

    Args:
        timm_name: With the tag of the weights, or without it for timm's default.

    Raises:
        UserError: There is no such model, or it has no published weights; the mend lists similar names.
    """
    cfg = timm.get_pretrained_cfg(timm_name) if timm.is_model(timm_name) else None
    tagged = f"{cfg.architecture}.{cfg.tag}" if cfg else ""
    if cfg is None or tagged not in _on_hub():
        near = difflib.get_close_matches(timm_name, [*WORDS, *_on_hub()], n=3, cutoff=0.5) or list(WORDS)
        raise UserError(
            f"There is no backbone “{timm_name}” with weights to be had.", mend=f"Choose {', '.join(near)}."
        )
    with torch.device("meta"):
        model = build_model(timm_name)
        size = recorded_preprocessing(timm_name).input_size
        full = timm.create_model(timm_name, pretrained=False)
        features = model(torch.empty(1, 3, size, size))
    return BackboneInfo(
        id=timm_name,
        title=timm_name,
        source="timm",
        timm_name=tagged,
        parameters=sum(tensor.numel() for tensor in model.parameters()),
        input_size=size,
        feature_size=int(features.shape[-1]),
        pretrained_on="see its page on the hub",
        licence=cfg.license or "not stated",
        download_bytes=sum(tensor.nbytes for tensor in full.state_dict().values()),
        stages=(),
        summary="A model of timm outside the catalogue. Look up its training data and licence before use.",
        tags=("outside the catalogue",),
        extra=None,
    )


def describe(timm_name: str) -> BackboneInfo:
    """Describe a model as `outside_info` does, with its stages; it is built for that, which takes seconds.

    Raises:
        UserError: As `outside_info`, or when the output of the model is not one feature per image.
    """
    info = outside_info(timm_name)
    backbone = TimmSource().build(info, weights_file=None)
    stages = tuple(
        StageInfo(name=name, parameters=sum(tensor.numel() for tensor in backbone.stage(name).parameters()))
        for name in backbone.stage_names
    )
    return replace(info, stages=stages)


SOURCES.register(TimmSource())
