"""The look of a picture: a small grey copy of it, and a few facts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 48
"""Pixels of the grey copy each way."""
LONGEST = 160
"""Longer side in pixels of the grey copy whose facts are taken."""
SAMPLED = 3 * LONGEST
"""Longer side in pixels above which not every pixel is taken: a photo of 12 megapixels would cost 15 ms."""
BLURRED_OVER = 9
"""Pixels over which a copy is blurred, to see how much sharper it was."""
BORDER = 3
"""Width in pixels of the border."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFacts:
    """Facts about how a picture looks, from a grey copy of `LONGEST` pixels.

    Attributes:
        brightness: Mean, from 0, black, to 1.
        contrast: Standard deviation of the brightness.
        colour: Mean difference between the strongest and the weakest of red, green and blue, over a part of
            the pixels.
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
    longest = max(pixels.shape[:2])
    step = max(1, longest // SAMPLED)
    whole = Image.fromarray(np.ascontiguousarray(pixels[::step, ::step])).convert("L")
    scale = min(1.0, LONGEST / max(whole.size))
    size = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
    small = whole.resize(size, Image.Resampling.BOX) if scale < 1 else whole
    look = np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BOX))
    step = max(1, longest // LONGEST)
    return look, _facts(pixels[::step, ::step], np.asarray(small))


def _facts(colours: NDArray[np.uint8], grey: NDArray[np.uint8]) -> LookFacts:
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
        brightness=float(grey.mean()) / 255,
        contrast=float(grey.std()) / 255,
        colour=float((strongest - weakest).mean()) / 255,
        blur=max(_blur(grey), _blur(grey.T)),
        border=float(edge.mean()) / 255,
        border_contrast=float(edge.std()) / 255,
    )


def _blur(grey: NDArray[np.uint8]) -> float:
    """Share of the differences between rows that a blur along them leaves: 1 where there was nothing to blur.

    A picture with too few rows to be blurred counts as sharp.
    """
    rows, margin = grey.astype(np.int16), BLURRED_OVER // 2
    changes = np.abs(np.diff(rows, axis=0))
    if changes.any() and len(rows) <= BLURRED_OVER:
        return 0.0
    before = changes[margin:-margin] * BLURRED_OVER
    # Two neighbouring means of a moving window differ by what enters it and what leaves it.
    after = np.abs(rows[BLURRED_OVER:] - rows[:-BLURRED_OVER])
    total = int(before.sum(dtype=np.int64))
    return 1 - int(np.maximum(before - after, 0).sum(dtype=np.int64)) / total if total else 1.0
