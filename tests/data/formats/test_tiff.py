"""TIFF: what Pillow cannot read, as runs of earlier versions see it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from tlstudio.data.decode import DecodedImage, decode_bytes

tifffile = pytest.importorskip("tifffile")


def decoded(values: np.ndarray, **options: object) -> DecodedImage:
    out = BytesIO()
    tifffile.imwrite(out, values, **options)
    return decode_bytes(out.getvalue(), name="a.tif", values=None)


def ramp(*shape: int, dtype: str) -> np.ndarray:
    return np.linspace(0, np.iinfo(dtype).max, int(np.prod(shape))).reshape(shape).astype(dtype)


def test_white_is_zero_is_inverted_at_every_depth():
    for dtype in ("u1", "u2"):
        pixels = decoded(ramp(16, 16, dtype=dtype), photometric="miniswhite").pixels
        assert pixels[0, 0, 0] == 255
        assert pixels[-1, -1, 0] == 0


def test_more_than_three_channels_give_the_first_three():
    values = np.zeros((8, 9, 5), np.uint16)
    values[:, :, 0], values[:, :, 3] = 65535, 40000
    image = decoded(values, photometric="minisblack", planarconfig="contig")
    assert "first 3 of 5 channels used" in image.notes
    assert image.pixels[0, 0].tolist() == [255, 0, 0]


def test_half_and_double_floats():
    values = np.linspace(0, 1, 64).reshape(8, 8)
    assert decoded(values.astype("f2")).pixels[-1, -1, 0] == 255
    assert decoded(values * 40).pixels[-1, -1, 0] == 255


def test_separate_colour_planes_are_joined():
    values = np.zeros((3, 8, 9), np.uint16)
    values[2] = 65535
    image = decoded(values, photometric="rgb", planarconfig="separate")
    assert image.pixels.shape == (8, 9, 3)
    assert image.pixels[0, 0].tolist() == [0, 0, 255]


def test_a_stack_gives_its_first_page():
    values = np.stack([np.full((8, 8), level, np.uint8) for level in (10, 20, 30)])
    image = decoded(values, photometric="minisblack")
    assert (image.pixels == 10).all()
    assert "first of 3 frames used" in image.notes


def test_sixteen_bit_colour_is_noted():
    image = decoded(np.full((8, 8, 3), 0x8000, np.uint16), photometric="rgb")
    assert (image.pixels == 128).all()
    assert "16-bit colours cut to 8 bits" in image.notes
