"""Builds backbones with their weights; each source of backbones is one module that registers itself."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Protocol

import torch

from tlstudio.core.control import Control
from tlstudio.core.events import Emit, ignore
from tlstudio.core.registry import Registry
from tlstudio.core.types import Preprocessing
from tlstudio.models.catalogue import BackboneInfo, catalog, is_clip, weights_on_disk
from tlstudio.models.clip import without_file
from tlstudio.models.stages import Backbone
from tlstudio.models.weights import fetch_weights

LARGEST_CACHED_BYTES = 100_000_000
"""Size of the largest backbone that stays in memory."""


class BackboneSource(Protocol):
    """Builds the backbones of one library or package."""

    @property
    def id(self) -> str:
        """The `source` of its backbones in the catalogue."""
        ...

    def preprocessing(self, info: BackboneInfo) -> Preprocessing:
        """The preprocessing that the weights were trained with; nothing is built or downloaded for it."""
        ...

    def build(self, info: BackboneInfo, *, weights_file: Path | None) -> Backbone:
        """Build a backbone cut into named stages, in eval mode, on the CPU; random weights without a file."""
        ...


SOURCES: Registry[BackboneSource] = Registry(__name__)


def find_backbone(backbone_id: str) -> BackboneInfo:
    """Look up a backbone of the catalogue, the image tower of a CLIP model, or any that timm has weights for.

    Args:
        backbone_id: From the catalogue, `clip:` with a name of open_clip, or a timm name.

    Returns:
        Its description; without `stages` for a timm model outside the catalogue, `timm_hub.describe` finds
        those.

    Raises:
        UserError: There is no such backbone; the mend lists similar names.
    """
    known = {info.id: info for info in catalog()}
    if backbone_id in known:
        return known[backbone_id]
    if is_clip(backbone_id):
        from tlstudio.models.backbones.clip import describe

        return describe(backbone_id)
    # timm takes seconds to import, and the catalogue does without it.
    from tlstudio.models.backbones.timm_hub import outside_info

    return outside_info(backbone_id)


def preprocessing_of(backbone_id: str) -> Preprocessing:
    """The preprocessing that a backbone's weights were trained with; nothing is built or downloaded for it.

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
    """Load a backbone with its weights, cut into stages, in eval mode, on the CPU.

    The last one stays in memory if it is small, so that the next run on it starts at once.

    Args:
        backbone_id: From the catalogue, or a timm name.
        weights_file: The person's own weights; nothing is downloaded then.
        pretrained: False for random weights, e.g. when a checkpoint is loaded next.
        run_id: Written into events.
        emit: Receives the progress of a download.
        control: Cancels a download.

    Raises:
        UserError: Unknown backbone, or weights that cannot be downloaded or do not fit.
        Cancelled: The person cancelled the download; it is resumed the next time.
    """
    info = find_backbone(backbone_id)
    key = _key(info, weights_file) if pretrained else None
    if key is not None and key in _cached:
        return copy.deepcopy(_cached[key])
    if pretrained and weights_file is None:
        if is_clip(info.id):
            raise without_file()
        weights_file = fetch_weights(info, run_id=run_id, emit=emit, control=control)
    # Initial weights that are overwritten at once must not advance the random generator of the run.
    with torch.random.fork_rng(devices=[]):
        backbone = SOURCES.get(info.source).build(info, weights_file=weights_file)
    size = sum(tensor.nbytes for tensor in backbone.state_dict().values())
    if key is not None and size <= LARGEST_CACHED_BYTES:
        _cached.clear()
        # A copy of EfficientNet-Lite0 takes 22 ms where building it anew takes more than ten times as long.
        _cached[key] = copy.deepcopy(backbone)
    return backbone


_Key = tuple[BackboneInfo, Path, int, int]
_cached: dict[_Key, Backbone] = {}


def _key(info: BackboneInfo, weights_file: Path | None) -> _Key | None:
    """Identify weights by their file, its time of change and its size; None when they are not on disk."""
    file = weights_file or weights_on_disk(info)
    try:
        status = file.stat() if file is not None else None
    except OSError:
        return None
    return (info, file, status.st_mtime_ns, status.st_size) if file is not None and status else None
