"""Where backbones come from: one source per file."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Protocol

import torch

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, ignore
from tlstudio.core.registry import Registry
from tlstudio.core.types import Preprocessing
from tlstudio.models.catalogue import BackboneInfo, catalog, weights_on_disk
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import fetch_weights

LARGEST_KEPT = 100_000_000
"""Bytes of a backbone that stays in memory."""


class BackboneSource(Protocol):
    """Where a family of backbones comes from."""

    @property
    def id(self) -> str:
        """Name of the source."""
        ...

    def preprocessing(self, info: BackboneInfo) -> Preprocessing:
        """The preprocessing of its weights, known before anything is built or downloaded."""
        ...

    def build(self, info: BackboneInfo, *, weights_file: Path | None) -> Backbone:
        """Build the backbone, cut into stages, in eval mode, on the CPU; random weights without a file."""
        ...


SOURCES: Registry[BackboneSource] = Registry("tlstudio.models.backbones")


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


def preprocessing_of(backbone_id: str) -> Preprocessing:
    """What the weights of a backbone were trained with; nothing is built or downloaded for it.

    Raises:
        UserError: There is no such backbone.
    """
    info = find_backbone(backbone_id)
    return SOURCES.get(info.source).preprocessing(info)


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

    The last one stays in memory where it is small, so that the next run on it begins at once.

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
    key = _key(info, weights_file) if pretrained else None
    if key is not None and key in _kept:
        return copy.deepcopy(_kept[key])
    if pretrained and weights_file is None:
        weights_file = fetch_weights(info, run_id=run_id, emit=emit, control=control)
    # Drawing weights that are overwritten at once must not use up the random numbers of the run's seed.
    with torch.random.fork_rng(devices=[]):
        backbone = SOURCES.get(info.source).build(info, weights_file=weights_file)
    size = sum(tensor.nbytes for tensor in backbone.state_dict().values())
    if key is not None and size <= LARGEST_KEPT:
        _kept.clear()
        # A copy of EfficientNet-Lite0 takes 22 ms where building it anew takes more than ten times as long.
        _kept[key] = copy.deepcopy(backbone)
    return backbone


_Key = tuple[BackboneInfo, Path, int, int]
_kept: dict[_Key, Backbone] = {}


def _key(info: BackboneInfo, weights_file: Path | None) -> _Key | None:
    """What changes when the weights do: their file, when it was written, and its bytes."""
    file = weights_file or weights_on_disk(info)
    try:
        status = file.stat() if file is not None else None
    except OSError:
        return None
    return (info, file, status.st_mtime_ns, status.st_size) if file is not None and status else None
