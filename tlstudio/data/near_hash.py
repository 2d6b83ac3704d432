"""Perceptual hashes: pictures that look the same have hashes that hardly differ, however they were saved.

The hash is the pHash of 16 × 16 low frequencies (Zauner 2010, "Implementation and Benchmarking of Perceptual
Image Hash Functions"), 256 bits. Saving a photo again as a JPEG, at another size or a little brighter changes
few of them; two photos of different things differ in about half.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 16
"""Frequencies each way."""
FLAT = 4.0
"""Standard deviation of grey values up to which a picture shows too little to be recognised by."""
MOST_BITS = 20
"""Hashes that differ in at most so many of their 256 bits are of the same picture. Measured on four sets: of
photos saved again (quality 30, half and quarter size, other gamma) 95 in 100 differ in at most 16; two photos
of different things in 66 and more, two solar cells, which look much alike, in 26 and more."""

MOST_BITS_OF_CUT = 60
"""The same of pictures that agree when they are laid over each other. Of 240 copies of photos of three sets,
cut by 2 % or turned by a degree, all but one differ in at most 60, photos of different things in 102 and
more."""


def near_hash(pixels: NDArray[np.uint8]) -> str:
    """The perceptual hash of a picture: 64 hex digits, empty when there is nothing to be seen in it.

    Args:
        pixels: RGB [H, W, 3].
    """
    grey = _grey(pixels)
    return _hash(grey) if _shows_something(grey) else ""


def turned_hashes(pixels: NDArray[np.uint8]) -> tuple[str, ...]:
    """Hashes of a picture as it is, turned by quarters, and mirrored: eight, or none for a flat picture."""
    grey = _grey(pixels)
    if not _shows_something(grey):
        return ()
    turned = [np.rot90(view, quarters) for view in (grey, grey[:, ::-1]) for quarters in range(4)]
    return tuple(_hash(view) for view in turned)


def find_near(hashes: Sequence[str], known: NDArray[np.uint64]) -> int | None:
    """Find the known picture that is most like one picture.

    Args:
        hashes: Of the picture, see `turned_hashes`.
        known: See `packed`.

    Returns:
        Its index; None when no known picture is the same.
    """
    if not hashes or not len(known):
        return None
    differing = np.bitwise_count(packed(hashes)[:, None] ^ known).sum(axis=2, dtype=np.int64)
    nearest = differing.min(axis=0)
    index = int(nearest.argmin())
    return index if nearest[index] <= MOST_BITS else None


def differing_bits(hashes: Sequence[str], known: str) -> int:
    """Count the bits in which a picture differs from a known one; all of them where either shows nothing.

    Args:
        hashes: See `turned_hashes`; the nearest counts.
        known: See `near_hash`.
    """
    if not hashes or not known:
        return SIDE * SIDE
    return int(np.bitwise_count(packed(hashes) ^ packed([known])).sum(axis=1, dtype=np.int64).min())


def packed(hashes: Sequence[str]) -> NDArray[np.uint64]:
    """Hashes of 64 hex digits as uint64 [N, 4]."""
    values = np.frombuffer(bytes.fromhex("".join(hashes)), dtype=">u8").astype(np.uint64)
    return values.reshape(len(hashes), -1)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey values [S, S] of the whole picture, larger than the frequencies need."""
    image = Image.fromarray(pixels).convert("L")
    return np.asarray(image.resize((4 * SIDE, 4 * SIDE), Image.Resampling.BOX, reducing_gap=2.0))


def _shows_something(grey: NDArray[np.uint8]) -> bool:
    return float(grey.std()) > FLAT


def _hash(grey: NDArray[np.uint8]) -> str:
    from imagehash import phash  # takes a moment to import, and is needed only here

    return str(phash(Image.fromarray(np.ascontiguousarray(grey)), hash_size=SIDE, highfreq_factor=2))
