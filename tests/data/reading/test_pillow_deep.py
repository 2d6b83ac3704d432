"""Deep images that Pillow reads."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tlstudio.core.values import ValueWindow
from tlstudio.data.decode import decode_bytes
from tlstudio.data.formats.pillow import PillowReader


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def deep(data: bytes):
    return PillowReader().read_deep(data, suffix="")


def png_of_colours(values: np.ndarray) -> bytes:
    """A PNG with 16 bits a channel, which Pillow cannot write."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width, channels = values.shape
    header = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\x00" + row.astype(">u2").tobytes() for row in values)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM"])
def test_ordinary_images_are_left_alone(kind):
    assert deep(encoded(Image.new("RGB", (9, 7), "red"), kind)) is None


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_all_values_of_sixteen_bit_grey_are_read(kind):
    values = np.random.default_rng(0).integers(0, 65536, (7, 9), dtype=np.uint16)
    image = deep(encoded(Image.fromarray(values), kind))
    np.testing.assert_array_equal(image.values[:, :, 0], values)
    assert image.layout == "grey, whole numbers"


def test_floats_keep_what_is_not_a_number():
    values = np.array([[np.nan, -3.5, np.inf, 1e9]], np.float32)
    image = deep(encoded(Image.fromarray(values), "TIFF"))
    np.testing.assert_array_equal(image.values[:, :, 0], values)


@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bit_colours_of_a_png_are_read_to_the_last_bit(channels):
    values = np.random.default_rng(1).integers(0, 65536, (6, 5, channels), dtype=np.uint16)
    data = png_of_colours(values)
    image = deep(data)
    np.testing.assert_array_equal(image.values, values[:, :, :3])
    assert image.is_colour
    if channels == 4:
        np.testing.assert_array_equal(image.alpha, values[:, :, 3] >> 8)
    assert "16-bit colours cut to 8 bits" not in image.notes
    assert "16-bit colours cut to 8 bits" in decode_bytes(data, name="a.png", values=None).notes


def test_the_transparent_value_of_a_grey_png_is_white():
    data = encoded(Image.fromarray(np.array([[7, 9, 11]], np.uint16)), "PNG", transparency=9)
    window = ValueWindow(layout="grey, whole numbers", channels=(1,), low=(7.0,), high=(11.0,))
    assert decode_bytes(data, name="a.png", values=[window]).pixels[0, :, 0].tolist() == [0, 255, 255]


def test_a_turned_deep_image_is_upright():
    values = np.arange(12, dtype=np.uint16).reshape(3, 4)
    exif = Image.Exif()
    exif[0x0112] = 6
    image = deep(encoded(Image.fromarray(values), "PNG", exif=exif))
    np.testing.assert_array_equal(image.values[:, :, 0], np.rot90(values, -1))
    assert "turned by EXIF" in image.notes


def test_the_no_data_tag_of_gdal_is_read():
    values = np.array([[5, 6, 65535]], np.uint16)
    data = encoded(Image.fromarray(values), "TIFF", tiffinfo={42113: "65535"})
    assert deep(data).no_data == 65535
