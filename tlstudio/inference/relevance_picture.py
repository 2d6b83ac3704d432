"""Draws a relevance map over its photo."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import seen_side

LONGEST_SIDE = 1000
"""Of the picture, in pixels; photos that are smaller stay as they are."""
MOST_COVERED = 0.7
"""Opacity of the colours at the most relevant place."""
SEEN, UNSEEN = 0.55, 0.2
"""Brightness of the grey photo below the colours, and of the parts that the preprocessing cuts off: white
parts of a photo must not look like relevant ones."""


def draw_relevance(
    pixels: NDArray[np.uint8], relevance: NDArray[np.float32], preprocessing: Preprocessing
) -> Image.Image:
    """Draw a map over the whole photo, which turns grey; bright colours show where it is relevant.

    Args:
        pixels: The decoded photo, uint8 [H, W, 3].
        relevance: The map of its input, [S, S], 0 … 1.
        preprocessing: Made the input from the photo.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    photo = np.asarray(Image.fromarray(pixels).resize(size), dtype=np.float32)
    side = max(1, round(seen_side(height, width, preprocessing) * scale))
    square = np.asarray(Image.fromarray(relevance).resize((side, side), Image.Resampling.BILINEAR))
    seen = _placed(square, size=size, outside=-1.0)
    colours = 255 * colormaps["inferno"](seen.clip(0, 1))[..., :3].astype(np.float32)
    opacity = (MOST_COVERED * seen.clip(0, 1))[..., None]
    grey = np.where(seen < 0, UNSEEN, SEEN)[..., None] * photo.mean(axis=2, keepdims=True)
    drawn = (1 - opacity) * grey + opacity * colours
    return Image.fromarray(drawn.round().clip(0, 255).astype(np.uint8))


def _placed(square: NDArray[np.float32], *, size: tuple[int, int], outside: float) -> NDArray[np.float32]:
    """Put a square in the middle of a picture of another size; what hangs over is cut off: [H, W]."""
    width, height = size
    placed = np.full((height, width), outside, dtype=np.float32)
    side = len(square)
    top, left = round((height - side) / 2), round((width - side) / 2)
    rows = slice(max(top, 0), min(top + side, height))
    columns = slice(max(left, 0), min(left + side, width))
    placed[rows, columns] = square[
        rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
    ]
    return placed
