"""The quick decoder is only there for speed: its pixels are Pillow's, to the bit."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tlstudio.data.formats import UnreadableImageError
from tlstudio.data.formats.pillow import _TURNS, PillowReader
from tlstudio.data.jpeg import jpeg_pixels, turned


def jpeg(pixels: np.ndarray, **options: object) -> bytes:
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", **options)
    return out.getvalue()


def scene(seed: int, height: int, width: int, *, rough: bool) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if rough:
        return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    small = Image.fromarray(rng.integers(0, 256, (5, 5, 3), dtype=np.uint8))
    return np.array(small.resize((width, height), Image.Resampling.BICUBIC))


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    height=st.integers(1, 130),
    width=st.integers(1, 130),
    rough=st.booleans(),
    quality=st.integers(3, 98),
    subsampling=st.sampled_from(["4:4:4", "4:2:2", "4:2:0"]),
    progressive=st.booleans(),
    restart=st.sampled_from([0, 2]),
)
def test_pixels_equal_those_of_pillow(seed, height, width, rough, quality, subsampling, progressive, restart):
    data = jpeg(
        scene(seed, height, width, rough=rough),
        quality=quality,
        subsampling=subsampling,
        progressive=progressive,
        restart_marker_blocks=restart,
    )
    np.testing.assert_array_equal(jpeg_pixels(data), np.array(Image.open(BytesIO(data))))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_as_pillow_does(orientation: int):
    pixels = scene(1, 5, 7, rough=True)
    wanted = Image.fromarray(pixels)
    if orientation > 1:
        wanted = wanted.transpose(_TURNS[orientation])
    got = turned(pixels, orientation)
    np.testing.assert_array_equal(got, np.array(wanted))
    assert got.flags.c_contiguous


@pytest.mark.parametrize("orientation", [1, 6])
def test_reading_and_checking_agree(orientation: int):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = jpeg(scene(2, 20, 30, rough=False), exif=exif)
    read, checked = (getattr(PillowReader(), name)(data, suffix=".jpg") for name in ("read", "check"))
    assert read.pixels.shape == ((20, 30, 3) if orientation == 1 else (30, 20, 3))
    assert (checked.height, checked.width) == read.pixels.shape[:2]
    assert read.notes == checked.notes == (("turned by EXIF",) if orientation > 1 else ())


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_file_is_reported_as_truncated(share: float):
    data = jpeg(scene(3, 60, 80, rough=True))
    with pytest.raises(UnreadableImageError) as refused:
        PillowReader().read(data[: int(share * len(data))], suffix=".jpg")
    assert refused.value.code == "truncated"


@pytest.mark.needs_data
def test_real_jpegs_of_all_kinds(shared_data: Path):
    same = 0
    for path in sorted(shared_data.rglob("*.jp*g")):
        data = path.read_bytes()
        try:
            image = Image.open(BytesIO(data))
            plain = (image.format, image.mode) == ("JPEG", "RGB")
            wanted = np.array(image) if plain else None
        except Exception:  # noqa: BLE001 - damaged on purpose
            assert jpeg_pixels(data) is None, path
            continue
        if wanted is not None:
            np.testing.assert_array_equal(jpeg_pixels(data), wanted, err_msg=str(path))
            same += 1
    assert same > 100
