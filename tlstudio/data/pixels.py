"""Converts pixels of any number type to 8-bit RGB.

The rule for an image with more than 8 bits that is scaled by itself:

* whole numbers from 0 to 65535 are read as the smallest of 8, 10, 12, 14 or 16 bits that holds the largest
  value of the image (or as the depth that the file itself states) and scaled from that range to 0–255;
* where such an image uses less than a quarter of its range (thermal cameras, faint microscopy) it would look
  evenly grey to the eye and to a backbone: it is stretched from its own minimum and maximum;
* floating-point images within 0–1 are scaled by 255;
* everything else (negative numbers, larger numbers, other floats) is stretched from its own minimum and
  maximum to 0–255; not-a-number and infinite pixels become black or white.

The notes of an image say which of these was done. Classifiers scale all images of a data set alike instead,
by windows of values (`tlstudio.data.windows`); this rule is for images that no window was chosen for.

Large arrays are converted in strips of rows, so that little more memory is taken than the result needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTHS = (8, 10, 12, 14, 16)
STRIP_VALUES = 1 << 20
"""Numbers converted at a time."""


def strips(values: NDArray[Any]) -> Iterator[slice]:
    """Slices of the first axis that hold about `STRIP_VALUES` numbers each."""
    rows = len(values)
    step = max(1, STRIP_VALUES * rows // max(1, values.size))
    return (slice(start, start + step) for start in range(0, rows, step))


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
            depth = bits if bits and most < 2**bits else depth_of(most)
            if depth == 8 or (most - least) * 4 >= 2**depth:
                return scale(values, 0, 2**depth - 1), f"read as {depth}-bit numbers, scaled to 8 bits"
        return scale(values, least, most), f"values {least} to {most} stretched to 8 bits"
    low, high = finite_range(values)
    is_share = low >= 0 and high <= 1
    black, white = (0.0, 1.0) if is_share else (low, high)
    scaled = np.empty(values.shape, np.uint8)
    for rows in strips(values):
        finite = np.nan_to_num(values[rows], nan=low, posinf=high, neginf=low)
        scaled[rows] = scale(finite, black, white)
    return scaled, (
        "values 0 to 1 scaled to 8 bits"
        if is_share
        else f"values {low:.4g} to {high:.4g} stretched to 8 bits"
    )


def depth_of(most: float) -> int:
    """The smallest usual depth that holds a whole number from 0 to 65535."""
    return next(depth for depth in DEPTHS if most < 2**depth)


def finite_range(values: NDArray[Any]) -> tuple[float, float]:
    """The smallest and the largest number that is finite; zeros without any."""
    low, high = np.inf, -np.inf
    for rows in strips(values):
        part = values[rows]
        part = part[np.isfinite(part)]
        if part.size:
            low, high = min(low, float(part.min())), max(high, float(part.max()))
    return (low, high) if low <= high else (0.0, 0.0)


def scale(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Scale the range `low` to `high` to 0–255 and clip values outside it; an empty range gives 0.

    Args:
        values: Any shape and number type.
        low: Becomes 0.
        high: Becomes 255.
    """
    scaled = np.zeros(values.shape, np.uint8)
    if high <= low:
        return scaled
    for rows in strips(values):
        # Halves, so that the span of the most extreme doubles does not overflow.
        share = values[rows].astype(np.float64)
        share /= 2
        share -= low / 2
        share /= high / 2 - low / 2
        np.clip(share, 0, 1, out=share)
        share *= 255
        scaled[rows] = np.rint(share, out=share)
    return scaled


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
    blended = np.empty(colour.shape, np.uint8)
    for rows in strips(colour):
        # The largest sum, 255 × 255 + 127, still fits 16 bits.
        weight = alpha[rows, :, np.newaxis].astype(np.uint16)
        part = colour[rows].astype(np.uint16)
        part *= weight
        part += 255 * (255 - weight) + 127
        part //= 255
        blended[rows] = part
    return blended
