"""The look of a picture: a small grey copy of it, and a few facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import uniform_filter1d

SIDE = 48
"""Pixels of the grey copy each way."""
LONGEST = 160
"""Longer side in pixels of the copy whose facts are taken."""
SAMPLED = 3 * LONGEST
"""Longer side in pixels above which not every pixel is taken: a photo of 12 megapixels would cost 15 ms."""
BLURRED_OVER = 9
"""Pixels over which a copy is blurred, to see how much sharper it was."""
BORDER = 3
"""Width in pixels of the border."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFacts:
    """Facts about how a picture looks, from a copy of `LONGEST` pixels.

    Attributes:
        brightness: Mean, from 0, black, to 1.
        contrast: Standard deviation of the brightness.
        colour: Mean difference between the strongest and the weakest of red, green and blue.
        blur: How little a further blur changes, from 0, sharp, to 1 (Crété-Roffet 2007, "The Blur Effect").
        border: Mean brightness of its border.
        border_contrast: Standard deviation of the brightness of its border.
    """

    brightness: float
    contrast: float
    colour: float
    blur: float
    border: float
    border_contrast: float


def look_of(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], LookFacts]:
    """Reduce a picture to its look.

    Args:
        pixels: RGB [H, W, 3].

    Returns:
        Grey values [SIDE, SIDE] of the whole picture, and its facts.
    """
    step = max(1, max(pixels.shape[:2]) // SAMPLED)
    whole = Image.fromarray(np.ascontiguousarray(pixels[::step, ::step]))
    scale = min(1.0, LONGEST / max(whole.size))
    size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
    small = whole.resize(size, Image.Resampling.BOX) if scale < 1 else whole
    grey_small = small.convert("L")
    look = np.asarray(grey_small.resize((SIDE, SIDE), Image.Resampling.BOX))
    colours = np.asarray(small)
    return look, _facts(colours, np.asarray(grey_small).astype(np.float32) / np.float32(255))


def _facts(colours: NDArray[np.uint8], grey: NDArray[np.float32]) -> LookFacts:
    edge = np.concatenate(
        [
            grey[:BORDER].ravel(),
            grey[-BORDER:].ravel(),
            grey[BORDER:-BORDER, :BORDER].ravel(),
            grey[BORDER:-BORDER, -BORDER:].ravel(),
        ]
    )
    # Along the last axis, numpy takes ten times as long.
    red, green, blue = (colours[..., channel] for channel in range(3))
    strongest, weakest = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return LookFacts(
        brightness=float(grey.mean()),
        contrast=float(grey.std()),
        colour=float((strongest - weakest).mean()) / 255,
        blur=max(_blur(grey, axis) for axis in (0, 1)),
        border=float(edge.mean()),
        border_contrast=float(edge.std()),
    )


def _blur(grey: NDArray[np.float32], axis: int) -> float:
    """Share of the differences along an axis that a blur leaves: 1 where there was nothing to blur."""
    before = np.abs(np.diff(grey, axis=axis))
    after = np.abs(np.diff(uniform_filter1d(grey, BLURRED_OVER, axis=axis), axis=axis))
    total = float(before.sum())
    return 1 - float(np.maximum(before - after, 0).sum()) / total if total > 0 else 1.0
