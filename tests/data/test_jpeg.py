"""The quick decoder is only there for speed: its pixels are Pillow's, to the bit."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tlstudio.data.decode import check_file, decode_rgb
from tlstudio.data.formats import UnreadableImageError
from tlstudio.data.formats.pillow import END_MISSING, PillowReader
from tlstudio.data.jpeg import has_end, jpeg_pixels, turned
from tlstudio.data.reading.pillow_files import TURNS


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


@settings(max_examples=50, deadline=None)
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
        wanted = wanted.transpose(TURNS[orientation])
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


KINDS = {
    "usual": {},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_blocks": 2},
    "grey": {"grey": True},
    "grey, progressive": {"grey": True, "progressive": True},
}


def of_kind(kind: str) -> bytes:
    options = dict(KINDS[kind])
    pixels = scene(4, 50, 70, rough=True)
    return jpeg(pixels[:, :, 0] if options.pop("grey", False) else pixels, quality=70, **options)


def judged(data: bytes, tmp_path: Path) -> np.ndarray | None:
    """The pixels of a file; None when it is refused, by checking and by reading alike."""
    file = tmp_path / "a.jpg"
    file.write_bytes(data)
    refusals = []
    for judge in (check_file, decode_rgb):
        try:
            judge(file)
        except UnreadableImageError as error:
            refusals.append(error.code)
    assert refusals in ([], ["truncated"] * 2)
    if refusals:
        return None
    _, by_check = check_file(file)
    read = decode_rgb(file)
    assert read.notes == by_check.notes
    assert END_MISSING in read.notes
    return read.pixels


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("tail", [b"", b"\x00", bytes(700)])
def test_a_jpeg_without_its_last_bytes_is_used_when_its_picture_is_whole(kind, tail, tmp_path):
    data = of_kind(kind)
    whole = PillowReader().read(data, suffix=".jpg").pixels
    for cut in (1, 2):
        pixels = judged(data[:-cut] + tail, tmp_path)
        assert pixels is not None, cut
        np.testing.assert_array_equal(pixels, whole)


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_picture_is_used_of_which_a_part_is_missing(kind, tmp_path):
    data = of_kind(kind)
    whole = PillowReader().read(data, suffix=".jpg").pixels
    refused = 0
    scans = [place for place in range(len(data)) if data[place : place + 2] in (b"\xff\xda", b"\xff\xc4")]
    for length in {*range(len(data) - 12, len(data) - 2), *scans[1:], *range(900, len(data) - 2, 257)}:
        pixels = judged(data[:length], tmp_path)
        refused += pixels is None
        if pixels is not None:  # only padding was cut off
            np.testing.assert_array_equal(pixels, whole, err_msg=str(length))
    assert refused > 8


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_follows_the_end_of_a_picture_is_no_part_of_it(kind, tmp_path):
    data = of_kind(kind)
    film = np.random.default_rng(0).integers(0, 256, 60_000, dtype=np.uint8).tobytes() + b"\xff\xda\x00"
    (tmp_path / "a.jpg").write_bytes(data + film)
    assert has_end(data + film)
    assert decode_rgb(tmp_path / "a.jpg").notes == check_file(tmp_path / "a.jpg")[1].notes == ()
    assert not has_end(data[:-2])


def test_the_end_of_a_preview_is_not_the_end_of_the_picture():
    preview = b"\xff\xe1" + struct.pack(">H", 2 + len(of_kind("usual"))) + of_kind("usual")
    data = of_kind("usual")
    assert has_end(data[:2] + preview + data[2:])
    assert not has_end(data[:2] + preview + data[2:-2])


def lossless(values: np.ndarray) -> bytes:
    """A lossless JPEG of 8-bit grey: each value less its left neighbour, by Huffman codes of four bits."""
    height, width = values.shape
    bits = ""
    for y in range(height):
        for x in range(width):
            before = values[y, x - 1] if x else values[y - 1, x] if y else 128
            difference = int(values[y, x]) - int(before)
            size = abs(difference).bit_length()
            bits += f"{size:04b}"
            if size:
                bits += f"{difference if difference > 0 else difference + 2**size - 1:0{size}b}"
    bits += "1" * (-len(bits) % 8)
    body = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)).replace(b"\xff", b"\xff\x00")
    frame = struct.pack(">HBHHBBBB", 11, 8, height, width, 1, 1, 0x11, 0)
    codes = struct.pack(">HB", 28, 0) + bytes([0, 0, 0, 9, *[0] * 12]) + bytes(range(9))
    scan = struct.pack(">HBBBBBB", 8, 1, 1, 0, 1, 0, 0)
    return b"\xff\xd8\xff\xc3" + frame + b"\xff\xc4" + codes + b"\xff\xda" + scan + body + b"\xff\xd9"


def test_a_sound_lossless_jpeg_is_sound_for_checking_and_reading(tmp_path):
    values = scene(5, 20, 30, rough=True)[:, :, 0]
    (tmp_path / "a.jpg").write_bytes(lossless(values))
    _, checked = check_file(tmp_path / "a.jpg")
    assert (checked.width, checked.height, checked.notes) == (30, 20, ())
    np.testing.assert_array_equal(decode_rgb(tmp_path / "a.jpg").pixels[:, :, 0], values)


def test_checking_finds_pictures_of_one_colour(tmp_path):
    y, x = np.mgrid[:64, :64]
    fine = ((x // 4 + y // 4) % 2 * 255).astype(np.uint8)  # of the same mean in every block of 8 × 8
    for pixels, is_flat in ((np.full((64, 64, 3), 90, np.uint8), True), (fine, False)):
        (tmp_path / "a.jpg").write_bytes(jpeg(pixels, quality=95))
        assert (check_file(tmp_path / "a.jpg")[1].values is not None) == is_flat
