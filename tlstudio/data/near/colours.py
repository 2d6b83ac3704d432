"""Compares the colours of pictures that agree in grey: two shirts of one cut are not one shirt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 4
"""Parts each way whose colours are compared."""
MOST_DIFFERENCE = 3.5
"""Of 255, in the mean of all parts. Of 500 photos of five sets none differs by more than 3.2 from a copy that
was cut by 2 % and saved again at quality 30; of pairs of different photos 1 in 100 differs by less than 2.3
to 4.7, depending on the set."""


def colours_of(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Measure how far the mean colour of each part of a picture is from grey: [CELLS, CELLS, 3].

    Args:
        pixels: RGB [H, W, 3], H and W at least CELLS.
    """
    height, width = (side // CELLS * CELLS for side in pixels.shape[:2])
    parts = pixels[:height, :width].reshape(CELLS, height // CELLS, CELLS, width // CELLS, 3)
    mean = parts.mean(axis=(1, 3), dtype=np.float32)
    colours: NDArray[np.float32] = mean - mean.mean(axis=2, keepdims=True)
    return colours


def have_same_colours(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    """Return whether two pictures have the same colours at the same places; see `colours_of`."""
    return float(np.abs(first - second).mean()) <= MOST_DIFFERENCE
