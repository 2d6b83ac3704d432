"""Ordinary colour JPEGs by libjpeg-turbo's own interface: the same pixels as Pillow's, a third sooner.

Pillow uses the same library by way of its own pixel format; the tests compare both to the bit. Pillow reads
the header and decides everything else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from simplejpeg import decode_jpeg


def jpeg_pixels(data: bytes) -> NDArray[np.uint8] | None:
    """Pixels uint8 `[H, W, 3]`, not turned by EXIF, of a sound colour JPEG.

    Returns:
        None where anything is wrong with the file: Pillow tells what can be done with it.
    """
    try:
        pixels: NDArray[np.uint8] = decode_jpeg(data, colorspace="RGB", strict=True)
    except ValueError:
        return None
    return pixels


def turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turned upright from one of the eight EXIF orientations.

    Args:
        pixels: uint8 `[H, W, 3]`.
        orientation: 1 to 8; 1 is upright.
    """
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    across = orientation in (2, 3, 6, 7)
    down = orientation in (3, 4, 7, 8)
    return np.ascontiguousarray(pixels[:: -1 if down else 1, :: -1 if across else 1])
