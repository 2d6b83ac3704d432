"""Copies the pixels of loaded Pillow images to arrays, in strips of rows that take little memory besides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tlstudio.data.pixels import STRIP_VALUES, over_white


def rgb_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels of an image without transparency, converted to RGB: uint8 `[H, W, 3]`, writable."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for rows, part in _strips(image):
        pixels[rows] = np.asarray(part if part.mode == "RGB" else part.convert("RGB"))
    return pixels


def pixels_on_white(image: Image.Image) -> tuple[NDArray[np.uint8], bool]:
    """The pixels of an image with transparency, on white.

    Returns:
        uint8 `[H, W, 3]`, writable, and whether any pixel is transparent.
    """
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    is_transparent = False
    for rows, part in _strips(image):
        values = np.asarray(part.convert("RGBA"))
        colour, alpha = values[:, :, :3], values[:, :, 3]
        least = alpha.min()
        is_transparent = is_transparent or least < 255
        if least == 255:
            pixels[rows] = colour
        elif alpha.max() == 0:
            pixels[rows] = 255
        else:
            pixels[rows] = over_white(colour, alpha)
    return pixels, is_transparent


def take_values(image: Image.Image) -> NDArray[Any]:
    """The values of an image in its own mode; the image gives up its own copy of them.

    Returns:
        `[H, W]` or `[H, W, C]`.
    """
    values: NDArray[Any] | None = None
    for rows, part in _strips(image):
        piece = np.asarray(part)
        if values is None:
            values = np.empty((image.height, *piece.shape[1:]), piece.dtype)
        values[rows] = piece
    image.close()
    assert values is not None, "an image has at least one row"
    return values


def _strips(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    step = max(1, STRIP_VALUES // image.width)
    if step >= image.height:
        yield slice(0, image.height), image
        return
    for start in range(0, image.height, step):
        end = min(start + step, image.height)
        yield slice(start, end), image.crop((0, start, image.width, end))
