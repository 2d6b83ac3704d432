"""Builds timm models and reads the preprocessing that timm records for their weights."""

from __future__ import annotations

import math
import sys
from typing import Any, Literal

import timm
from torch import Tensor, nn

from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing


def build_model(timm_name: str, *, input_size: int | None = None) -> nn.Module:
    """Build a timm model with random weights and no classifier, in eval mode.

    Args:
        timm_name: With or without the tag of the weights.
        input_size: Side of the images in pixels. Only a vision transformer may have another than the recorded
            one; `adapt_state` resamples its position embedding.

    Returns:
        A model whose output is features [N, F].
    """
    resized = input_size not in (None, recorded_size(timm_name))
    options: dict[str, Any] = {"img_size": input_size} if resized else {}
    model: nn.Module = timm.create_model(timm_name, pretrained=False, num_classes=0, **options)
    return model.eval()


def recorded_size(timm_name: str) -> int:
    """Side of the images that a timm model was trained on, in pixels."""
    cfg: Any = timm.get_pretrained_cfg(timm_name)
    return int(cfg.input_size[1])


def recorded_preprocessing(timm_name: str, *, input_size: int | None = None) -> Preprocessing:
    """Read the preprocessing that timm records for the weights; nothing is built for it.

    Args:
        timm_name: With or without the tag of the weights.
        input_size: Replaces the recorded side, in pixels.

    Returns:
        The preprocessing: the shorter side is resized to `floor(input_size / crop_pct)` as in timm.
        Interpolations other than bicubic and bilinear become bicubic; "border" pads, "squash" becomes a
        centre crop.

    Raises:
        UserError: The model takes images that are not square or not RGB.
    """
    cfg: Any = timm.get_pretrained_cfg(timm_name)
    channels, height, width = cfg.input_size
    if channels != 3 or height != width:
        raise UserError(
            f"{cfg.architecture} wants {channels}-channel images of {width} × {height}.",
            mend="Choose a backbone for square colour images.",
        )
    size = input_size or int(height)
    interpolation: Literal["bicubic", "bilinear"] = (
        "bilinear" if cfg.interpolation == "bilinear" else "bicubic"
    )
    return Preprocessing(
        input_size=size,
        resize_size=math.floor(size / cfg.crop_pct),
        interpolation=interpolation,
        mean=_channels(cfg.mean),
        std=_channels(cfg.std),
        fit="pad" if cfg.crop_mode == "border" else "crop",
    )


def adapt_state(model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename and resample tensors of another origin by timm's own rules for this family of models.

    Args:
        model: A timm model.
        state: As read from a file, e.g. with the position embedding of another image size.
    """
    family = sys.modules[type(model).__module__]
    rules = getattr(family, "checkpoint_filter_fn", None)
    return dict(rules(state, model)) if rules is not None else state


def _channels(values: tuple[float, ...]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
