"""CLIP: an image tower and a text tower that give an image and the words for it similar vectors.

The weights are a file of the person's own. open_clip, the extra `clip`, has the architectures and the
tokenizer, and nothing is downloaded. The backbone `clip:NAME` is the image tower of its architecture NAME.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tlstudio.core.errors import UserError
from tlstudio.core.text_files import parse_json, read_text
from tlstudio.models.catalogue import CLIP, CLIP_PREFIX
from tlstudio.models.weights import TOWER_PREFIX, fit_weights, read_weights_file

PACKAGE = "open_clip"
SETTINGS = "open_clip_config.json"
"""File that often lies beside weights of open_clip; it has the settings of their architecture."""
NO_WEIGHTS = ("input_resolution", "context_length", "vocab_size", "attn_mask")
"""Values that some files list among the weights."""
OPEN = ("logit_scale", "logit_bias")
"""Weights whose shape says nothing about the architecture."""


def require_clip() -> None:
    """Make sure that the optional part is installed.

    Raises:
        UserError: It is not.
    """
    if find_spec(PACKAGE) is None:
        raise UserError(
            "Weights of CLIP need the optional part “clip”, which is missing.",
            mend='Install it: pip install "tlstudio[clip]". No network is needed afterwards.',
        )


def without_file() -> UserError:
    """The error where no weights file is named."""
    return UserError(
        "The weights of CLIP come from a file of your own, and none is given.",
        mend="Choose it with “Weights from a file…” on the Model page.",
    )


@cache
def architectures() -> tuple[str, ...]:
    """The architectures of open_clip that can be used: those whose tokenizer comes with it.

    Raises:
        UserError: The optional part is not installed.
    """
    require_clip()
    import open_clip

    return tuple(name for name in open_clip.list_models() if _has_own_tokenizer(name))


def _has_own_tokenizer(name: str) -> bool:
    import open_clip

    settings = open_clip.get_model_config(name)
    others = {"hf_tokenizer_name", "hf_model_name"} & settings["text_cfg"].keys()
    return not others and "multimodal_cfg" not in settings and "siglip" not in name.lower()


def architecture_of(backbone_id: str) -> str:
    """The name of a backbone's architecture in open_clip.

    Raises:
        UserError: There is no such architecture, or it cannot be used; similar names are listed.
    """
    name = backbone_id.removeprefix(CLIP_PREFIX)
    if backbone_id == CLIP:
        raise without_file()
    if name not in architectures():
        near = difflib.get_close_matches(name, architectures(), n=3, cutoff=0.4) or architectures()[:3]
        raise UserError(
            f"open_clip has no architecture “{name}” that works without a network.",
            mend=f"Choose one like {', '.join(CLIP_PREFIX + one for one in near)}, or {CLIP} to have it "
            "recognised from the file.",
        )
    return name


def search_clip(text: str) -> list[str]:
    """Ids of the backbones whose name holds all words of a text; none where the optional part is missing.

    Args:
        text: Words in any order and case.
    """
    if find_spec(PACKAGE) is None:
        return []
    words = text.lower().split()
    ids = [CLIP_PREFIX + name for name in architectures()]
    return [one for one in ids if all(word in one.lower() for word in words)]


def build_clip(name: str) -> nn.Module:
    """Build an architecture of open_clip with random weights, in eval mode, on torch's current device."""
    import open_clip

    # The quicker code that torch has for attention in eval mode has no counterpart in ONNX.
    torch.backends.mha.set_fastpath_enabled(False)
    settings = open_clip.get_model_config(name)
    # Not by `create_model`, which sets up logging for the whole process.
    kind = open_clip.CustomTextCLIP if settings.pop("custom_text", False) else open_clip.CLIP
    settings["vision_cfg"]["timm_model_pretrained"] = False
    model: nn.Module = kind(**settings)
    return model.eval()


def load_clip(backbone_id: str, *, weights_file: Path) -> nn.Module:
    """Load both towers, in eval mode, on the CPU.

    Args:
        backbone_id: Names the architecture.
        weights_file: Safetensors or PyTorch; no code in it is run.

    Raises:
        UserError: No such architecture, or weights that are not there, damaged, or do not fit.
    """
    model = build_clip(architecture_of(backbone_id))
    state = _read(weights_file)
    for name in OPEN:
        if name in state and isinstance(getattr(model, name, None), Tensor):
            state[name] = state[name].reshape(getattr(model, name).shape)
    fit_weights(model, state, source=str(weights_file))
    return model


def holds_clip(state: Mapping[str, Tensor]) -> bool:
    """Return whether weights are those of both towers of open_clip, by their names."""
    return any(name.startswith(TOWER_PREFIX) for name in state) and _embedding(state) is not None


def recognise(weights_file: Path) -> str:
    """Find the backbone that weights are of: by the settings beside the file, or else by their shapes.

    Args:
        weights_file: Of the person.

    Raises:
        UserError: No architecture fits, or several do, which are listed; or the optional part is missing.
    """
    require_clip()
    state = _read(weights_file)
    found = _named_beside(weights_file) or [name for name in architectures() if _fits(name, state)]
    if len(found) == 1:
        return CLIP_PREFIX + found[0]
    if found:
        raise UserError(
            f"The weights in {weights_file} fit several architectures, which differ in what weights do not "
            f"show: {', '.join(CLIP_PREFIX + name for name in found)}.",
            mend="Choose the one that the page of these weights names as the backbone; those of OpenAI are "
            "“quickgelu”.",
        )
    raise UserError(
        f"The weights in {weights_file} fit no architecture of open_clip that works without a network.",
        mend="Use weights of open_clip for an architecture such as ViT-B-32, as safetensors or as a state "
        "dict.",
    )


def _named_beside(weights_file: Path) -> list[str]:
    """The architecture whose settings lie beside the file; none without such a file."""
    import open_clip

    settings: Any = None
    with suppress(OSError, ValueError):
        settings = parse_json(read_text(weights_file.with_name(SETTINGS)))
    own = settings.get("model_cfg") if isinstance(settings, dict) else None
    return [name for name in architectures() if own is not None and open_clip.get_model_config(name) == own]


def _fits(name: str, state: Mapping[str, Tensor]) -> bool:
    """Return whether names and shapes of weights are those of an architecture."""
    import open_clip

    settings, embedding = open_clip.get_model_config(name), _embedding(state)
    is_of_timm = any(key.startswith(f"{TOWER_PREFIX}trunk.") for key in state)
    projection = state.get("text_projection", state.get("text.text_projection"))
    # Building each takes up to some seconds.
    if (
        embedding is None
        or embedding.shape[1] != settings["text_cfg"]["width"]
        or is_of_timm != ("timm_model_name" in settings["vision_cfg"])
        or (projection is not None and projection.shape[-1] != settings["embed_dim"])
    ):
        return False
    with torch.device("meta"):
        own = build_clip(name).state_dict()
    wanted = {key: tensor.shape for key, tensor in own.items() if key not in OPEN}
    return wanted == {key: tensor.shape for key, tensor in state.items() if key not in OPEN}


def _embedding(state: Mapping[str, Tensor]) -> Tensor | None:
    """The weight by which parts of words become vectors [V, W]."""
    return state.get("token_embedding.weight", state.get("text.token_embedding.weight"))


def _read(weights_file: Path) -> dict[str, Tensor]:
    """Read the weights of both towers.

    Raises:
        UserError: The file is not there, damaged, or holds other weights.
    """
    state = read_weights_file(weights_file)
    if not holds_clip(state):
        raise UserError(
            f"{weights_file} holds no weights of both an image tower and a text tower, as open_clip names "
            "them.",
            mend="Use weights of open_clip, as safetensors or as a state dict, or choose another backbone.",
        )
    return {name: tensor for name, tensor in state.items() if name not in NO_WEIGHTS}
