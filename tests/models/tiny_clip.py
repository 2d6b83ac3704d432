"""A CLIP model of open_clip with few weights, at random, and a file of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tlstudio.models.clip import architectures, build_clip

REASON = "the optional part “clip” is not installed"
NAME = "tiny-test"
SETTINGS = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
}


def tiny_clip(folder: Path, *, twin: bool = False) -> Path:
    """Make an architecture known to open_clip, and a file of weights of it.

    Args:
        folder: Gets the files; other weights can be laid beside them.
        twin: Whether another architecture differs from it in its activations alone.

    Returns:
        The file of weights.
    """
    open_clip = pytest.importorskip("open_clip", reason=REASON)
    settings = folder / "architectures"
    settings.mkdir()
    (settings / f"{NAME}.json").write_text(json.dumps(SETTINGS))
    if twin:
        (settings / f"{NAME}-quickgelu.json").write_text(json.dumps({**SETTINGS, "quick_gelu": True}))
    open_clip.add_model_config(settings)
    architectures.cache_clear()
    torch.manual_seed(0)
    file = folder / "mine.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in build_clip(NAME).state_dict().items()}, file)
    return file


def forget_tiny_clip() -> None:
    """Remove the architectures of `tiny_clip` from open_clip."""
    from open_clip import factory

    del factory._MODEL_CONFIG_PATHS[1:]
    for name in (NAME, f"{NAME}-quickgelu"):
        factory._MODEL_CONFIGS.pop(name, None)
    architectures.cache_clear()
