"""Building timm models, and reading their weights' own record of how images were prepared."""

from __future__ import annotations

import math
import sys
from typing import Any, Literal

import timm
from torch import Tensor, nn

from tlstudio.core.errors import UserError
from tlstudio.core.types import Preprocessing


def build_model(timm_name: str, *, input_size: int | None = None) -> nn.Module:
    """A timm model with random weights and no classifier, in eval mode.

    Args:
        timm_name: With or without the tag of its weights.
        input_size: Side of the images in pixels. Where it is not the weights' own, the model must be a
            vision transformer, whose position embedding `adapt_state` resamples.

    Returns:
        A model that gives features [N, F].
    """
    resized = input_size not in (None, recorded_size(timm_name))
    options: dict[str, Any] = {"img_size": input_size} if resized else {}
    model: nn.Module = timm.create_model(timm_name, pretrained=False, num_classes=0, **options)
    return model.eval()


def recorded_size(timm_name: str) -> int:
    """Side of the images that a timm model's weights were made for, in pixels."""
    cfg: Any = timm.get_pretrained_cfg(timm_name)
    return int(cfg.input_size[1])


def recorded_preprocessing(timm_name: str, *, input_size: int | None = None) -> Preprocessing:
    """What the weights' record says about preparing images; nothing is built for it.

    Args:
        timm_name: With or without the tag of its weights.
        input_size: Takes the place of the recorded side, in pixels.

    Returns:
        Shorter side resized to `floor(input_size / crop_pct)` as timm does. Interpolations other than
        bicubic and bilinear are taken as bicubic; "border" pads, and "squash" becomes a centre crop.

    Raises:
        UserError: The weights want images that are not square or not RGB.
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
        mean=_three(cfg.mean),
        std=_three(cfg.std),
        fit="pad" if cfg.crop_mode == "border" else "crop",
    )


def adapt_state(model: nn.Module, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename and resample tensors of another origin, by timm's own rules for the model's family.

    Args:
        model: A timm model.
        state: As read from a file, e.g. with the position embedding of another image size.
    """
    family = sys.modules[type(model).__module__]
    rules = getattr(family, "checkpoint_filter_fn", None)
    return dict(rules(state, model)) if rules is not None else state


def _three(values: tuple[float, ...]) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
