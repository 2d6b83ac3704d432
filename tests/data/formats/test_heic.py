"""HEIC photos."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tlstudio.data.decode import UnreadableImageError, decode_bytes

pillow_heif = pytest.importorskip("pillow_heif")


def heic(image: Image.Image, **options: object) -> bytes:
    out = BytesIO()
    pillow_heif.from_pillow(image).save(out, quality=95, **options)
    return out.getvalue()


def test_a_photo_is_read_upright_and_its_colours_kept():
    y, x = np.mgrid[0:64, 0:96]
    upright = Image.fromarray(np.stack([x * 2, y * 3, 0 * x + 60], axis=2).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    decoded = decode_bytes(heic(stored, exif=exif.tobytes()), name="a.heic")
    assert decoded.pixels.shape == (64, 96, 3)
    assert np.abs(decoded.pixels.astype(int) - np.asarray(upright)).mean() < 6


def test_transparent_parts_are_white():
    decoded = decode_bytes(heic(Image.new("RGBA", (64, 64), (0, 0, 0, 0))), name="a.heic")
    assert decoded.pixels.min() > 245


def test_a_truncated_photo_is_refused():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = heic(Image.fromarray(noise))
    for share in (0.3, 0.6, 0.9):
        with pytest.raises(UnreadableImageError):
            decode_bytes(data[: int(len(data) * share)], name="a.heic")
