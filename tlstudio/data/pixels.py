"""Converts pixels of any number type to 8-bit RGB.

The rule for images with more than 8 bits, the same everywhere:

* whole numbers from 0 to 65535 are read as the smallest of 8, 10, 12, 14 or 16 bits that holds the largest
  value of the image (or as the depth that the file itself states) and scaled from that range to 0–255. So
  images of one 12-bit camera keep their brightness relative to each other, and none turns black or white;
* where such an image uses less than a quarter of its range (thermal cameras, faint microscopy) it would look
  evenly grey to the eye and to a backbone: it is stretched from its own minimum and maximum;
* floating-point images within 0–1 are scaled by 255;
* everything else (negative numbers, larger numbers, other floats) is stretched from its own minimum and
  maximum to 0–255; not-a-number and infinite pixels become black or white.

The notes of an image say which of these was done.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTHS = (8, 10, 12, 14, 16)


def to_eight_bit(values: NDArray[Any], *, bits: int | None = None) -> tuple[NDArray[np.uint8], str | None]:
    """Scale numbers of any type to 0–255.

    Args:
        values: Any shape; bool, integer or floating-point.
        bits: Depth stated by the file, None when it states none.

    Returns:
        The scaled numbers, of the same shape, and a note on what was done (None for 8-bit input).
    """
    if np.iscomplexobj(values):
        values = np.abs(values)
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255), None
    if values.dtype == np.uint8 and bits in (None, 8):
        return values.astype(np.uint8, copy=False), None
    if np.issubdtype(values.dtype, np.integer):
        least, most = int(values.min()), int(values.max())
        if least >= 0 and most <= 65535:
            depth = bits if bits and most < 2**bits else next(depth for depth in DEPTHS if most < 2**depth)
            if depth == 8 or (most - least) * 4 >= 2**depth:
                return scale(values, 0, 2**depth - 1), f"read as {depth}-bit numbers, scaled to 8 bits"
        return scale(values, least, most), f"values {least} to {most} stretched to 8 bits"
    finite = np.isfinite(values)
    if not finite.all():
        low, high = _range(values[finite])
        values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    else:
        low, high = _range(values)
    if low >= 0 and high <= 1:
        return scale(values, 0, 1), "values 0 to 1 scaled to 8 bits"
    return scale(values, low, high), f"values {low:.4g} to {high:.4g} stretched to 8 bits"


def _range(values: NDArray[Any]) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)


def scale(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Scale the range `low` to `high` to 0–255 and clip values outside it; an empty range gives 0.

    Args:
        values: Any shape and number type.
        low: Becomes 0.
        high: Becomes 255.
    """
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    # Halves, so that the span of the most extreme doubles does not overflow.
    share = (values.astype(np.float64) / 2 - low / 2) / (high / 2 - low / 2)
    return np.rint(np.clip(share, 0, 1) * 255).astype(np.uint8)


def to_rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Convert 8-bit pixels with 1 to 4 channels to RGB.

    Args:
        pixels: `[H, W]` grey, or `[H, W, C]`: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha (of more, the
            first three).

    Returns:
        `[H, W, 3]`, contiguous and writable, transparent parts on white.
    """
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    channels = pixels.shape[2]
    colour = pixels[:, :, :1] if channels < 3 else pixels[:, :, :3]
    if channels in (2, 4):
        colour = over_white(colour, pixels[:, :, -1])
    if colour.shape[2] == 1:
        colour = np.repeat(colour, 3, axis=2)
    return np.require(colour, np.uint8, ["C", "W"])


def over_white(colour: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Blend pixels with a white background.

    Args:
        colour: `[H, W, C]`.
        alpha: `[H, W]`, 255 is opaque.
    """
    weight = alpha[:, :, np.newaxis].astype(np.uint32)
    return ((colour * weight + 255 * (255 - weight) + 127) // 255).astype(np.uint8)
