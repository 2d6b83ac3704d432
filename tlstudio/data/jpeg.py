"""Decodes ordinary colour JPEGs with libjpeg-turbo directly: the same pixels as Pillow's, a third faster.

Pillow uses the same library but converts to its own pixel format; tests compare both bit by bit. The header
is still read by Pillow, which also decides everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray
from simplejpeg import decode_jpeg

_END = b"\xff\xd9"
_START_OF_SCAN = 0xDA
_PROGRESSIVE_FRAMES = {0xC2, 0xC6, 0xCA, 0xCE}
# Markers without a length: restarts, start of image, and TEM.
_BARE = {*range(0xD0, 0xD9), 0x01}


def jpeg_pixels(data: bytes) -> NDArray[np.uint8] | None:
    """Decode a colour JPEG.

    Returns:
        uint8 `[H, W, 3]`, not yet turned by EXIF; None when anything is wrong with the file, which is then
        left to Pillow.
    """
    try:
        pixels: NDArray[np.uint8] = decode_jpeg(data, colorspace="RGB", strict=True)
    except ValueError:
        return None
    return pixels


def has_end(data: bytes) -> bool:
    """Return whether a JPEG marks the end of its picture; previews inside and what follows do not count.

    Without it, decoders take whatever follows (zeros, after an interrupted copy) for a part of the picture.
    """
    return data.endswith(_END) or any(marker == _END[1] for marker, _ in _segments(data))


def with_its_end(data: bytes) -> bytes | None:
    """Add the missing end to a JPEG whose picture is complete, such as cameras that lose power leave.

    Returns:
        The file with its end; None when part of the picture itself is missing, or something else is wrong.
    """
    stripped = data.rstrip(b"\x00")
    attempts = [data.removesuffix(b"\xff") + _END]
    if stripped != data:
        # A zero after 0xff may belong to the picture, and 0xff alone may be the first half of the end.
        zero = b"\x00" if stripped.endswith(b"\xff") else b""
        attempts += [stripped + zero + _END, stripped.removesuffix(b"\xff") + _END]
    return next((whole for whole in dict.fromkeys(attempts) if _is_whole(whole)), None)


def _is_whole(data: bytes) -> bool:
    return jpeg_pixels(data) is not None and _has_all_scans(data)


def _has_all_scans(data: bytes) -> bool:
    """Return whether a progressive JPEG holds every coefficient of every component to its last bit.

    libjpeg does not mind when later scans are missing; the picture is then coarser than it was.
    """
    components: list[int] = []
    known: dict[int, set[int]] = {}
    for marker, start in _segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if marker not in _PROGRESSIVE_FRAMES:
                return True
            components = [data[start + 8 + 3 * number] for number in range(data[start + 7])]
        elif marker == _START_OF_SCAN:
            count = data[start + 2]
            first, last, bits = data[start + 3 + 2 * count : start + 6 + 2 * count]
            if bits & 0x0F == 0:  # the lowest bit
                for number in range(count):
                    component = data[start + 3 + 2 * number]
                    known.setdefault(component, set()).update(range(first, last + 1))
    return bool(components) and all(len(known.get(component, ())) == 64 for component in components)


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The markers of a file, each with the place of its length."""
    place = 2
    while 0 <= (place := data.find(b"\xff", place)) < len(data) - 4:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker == 0x00 or marker in _BARE:
            place += 2
        else:
            yield marker, place + 2
            place += 2 + unpack_from(">H", data, place + 2)[0]


def turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn pixels upright.

    Args:
        pixels: uint8 `[H, W, 3]`.
        orientation: EXIF orientation, 1 to 8; 1 is upright.
    """
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    across = orientation in (2, 3, 6, 7)
    down = orientation in (3, 4, 7, 8)
    return np.ascontiguousarray(pixels[:: -1 if down else 1, :: -1 if across else 1])
