"""From files to pixels."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tlstudio.data import decode, formats
from tlstudio.data.decode import UnreadableImageError, check_file, decode_bytes, decode_rgb


def picture(width: int = 48, height: int = 32) -> Image.Image:
    """Smooth, and different in all four corners."""
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(
        np.stack([x * 255 // width, y * 255 // height, (x + y) % 64], axis=2).astype(np.uint8)
    )


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def refusal(data: bytes, name: str) -> UnreadableImageError:
    with pytest.raises(UnreadableImageError) as caught:
        decode_bytes(data, name=name)
    assert caught.value.reason.endswith(".")
    assert caught.value.mend.endswith(".")
    return caught.value


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "PPM", "GIF"])
def test_lossless_formats_give_the_exact_pixels(tmp_path, kind):
    flat = Image.new("RGB", (9, 7), (200, 30, 90))
    path = tmp_path / f"a.{kind.lower()}"
    flat.save(path, kind, **({"lossless": True} if kind == "WEBP" else {}))
    decoded = decode_rgb(path)
    assert decoded.pixels.shape == (7, 9, 3)
    assert (decoded.pixels == (200, 30, 90)).all()
    assert decoded.pixels.flags.writeable


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_exif_orientation_is_turned_upright(tmp_path, orientation, kind):
    upright = picture()
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = upright if stored is None else upright.transpose(stored)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{kind.lower()}"
    options = {"lossless": True} if kind == "WEBP" else {"quality": 98} if kind == "JPEG" else {}
    image.save(path, kind, exif=exif, **options)
    decoded = decode_rgb(path)
    difference = np.abs(decoded.pixels.astype(int) - np.asarray(upright).astype(int))
    assert decoded.pixels.shape == (32, 48, 3)
    assert difference.mean() < 6
    assert ("turned by EXIF" in decoded.notes) == (orientation > 1)
    _, checked = check_file(path)
    assert (checked.width, checked.height) == (48, 32)
    assert set(checked.notes) == {n for n in decoded.notes if not n.startswith("named")}


def test_an_image_with_damaged_exif_is_still_read():
    data = encoded(picture(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff junk")
    assert decode_bytes(data, name="a.jpg").pixels.shape == (32, 48, 3)


def test_sixteen_bit_grey_is_not_white(tmp_path):
    values = np.linspace(0, 65535, 256 * 4).reshape(4, 256).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    decoded = decode_rgb(tmp_path / "a.png", values=None)
    assert decoded.pixels.min() == 0
    assert decoded.pixels.max() == 255
    assert abs(decoded.pixels.mean() - 127.5) < 1
    assert any("16-bit" in note for note in decoded.notes)


def test_cmyk_is_not_inverted():
    data = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")
    decoded = decode_bytes(data, name="a.jpg")
    assert decoded.notes == ("CMYK converted",)
    red, green, blue = decoded.pixels.reshape(-1, 3).mean(axis=0)
    assert red > 240
    assert max(green, blue) < 20


@pytest.mark.parametrize("mode", ["LA", "RGBA", "PA"])
def test_transparent_parts_are_white(mode):
    image = Image.new("RGBA", (4, 2), (10, 20, 30, 255))
    image.putpixel((0, 0), (10, 20, 30, 0))
    data = encoded(image.convert(mode), "TIFF" if mode == "PA" else "PNG")
    decoded = decode_bytes(data, name="a.png")
    assert decoded.pixels[0, 0].tolist() == [255, 255, 255]
    assert decoded.pixels[1, 1].max() <= 40


def test_transparency_of_a_palette_and_of_deep_grey():
    palette = Image.new("P", (2, 1))
    palette.putpalette([0, 0, 0, 50, 60, 70])
    palette.putpixel((1, 0), 1)
    decoded = decode_bytes(encoded(palette, "PNG", transparency=0), name="a.png")
    assert decoded.pixels.tolist() == [[[255] * 3, [50, 60, 70]]]
    deep = Image.fromarray(np.array([[0, 65535, 30000]], np.uint16))
    decoded = decode_bytes(encoded(deep, "PNG", transparency=0), name="a.png", values=None)
    assert decoded.pixels[0, 0].tolist() == [255] * 3
    assert decoded.pixels[0, 2, 0] == round(30000 / 257)


def test_only_the_first_frame_is_used_with_a_note():
    frames = [Image.new("RGB", (5, 5), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **_lossless(kind))
        decoded = decode_bytes(data, name=f"a.{kind.lower()}")
        assert decoded.pixels[2, 2].tolist() == [255, 0, 0]
        assert "first of 3 frames used" in decoded.notes


def _lossless(kind: str) -> dict[str, object]:
    return {"lossless": True} if kind == "WEBP" else {}


def test_a_file_with_a_wrong_ending_is_read_with_a_note():
    assert "named .png but is a JPEG" in decode_bytes(encoded(picture(), "JPEG"), name="a.png").notes
    assert decode_bytes(encoded(picture(), "JPEG"), name="A.JPG").notes == ()
    assert decode_bytes(encoded(picture(), "JPEG"), name="no_ending").notes == ()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_truncated_files_are_refused_instead_of_half_decoded(kind, share):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    error = refusal(data[: int(len(data) * share)], f"a.{kind.lower()}")
    assert error.code in ("truncated", "damaged")


@pytest.mark.parametrize("progressive", [False, True])
def test_the_fast_check_refuses_exactly_what_decoding_refuses(tmp_path, progressive):
    noise = np.random.default_rng(1).integers(0, 256, (80, 120, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), "JPEG", progressive=progressive, quality=80)
    for length in range(len(data) // 8, len(data) - 2, len(data) // 8):
        path = tmp_path / "a.jpg"
        path.write_bytes(data[:length])
        with pytest.raises(UnreadableImageError) as by_check:
            check_file(path)
        assert by_check.value.code == refusal(data[:length], "a.jpg").code == "truncated"


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_damaged_files_raise_only_unreadable_image_error(data):
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"]))
    raw = bytearray(encoded(picture(20, 14), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = decode_bytes(bytes(raw), name=f"a.{kind.lower()}")
    except UnreadableImageError:
        return
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.ndim == 3
    assert decoded.pixels.shape[2] == 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"just some words\n" * 9, "text"),
        ("zażółć gęślą jaźń ".encode() * 400, "text"),
        (b"<!DOCTYPE html><html>404</html>", "web page"),
        (b"\n  <HTML><body>no</body></HTML>", "web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "vector"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04" + bytes(30), "zip"),
        (bytes(3000), "zeros"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(40), "video"),
        (bytes(range(256)) * 4, "not an image"),
    ],
)
def test_files_that_are_not_images_are_named_for_what_they_are(tmp_path, data, words):
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with pytest.raises(UnreadableImageError) as caught:
        decode_rgb(path)
    assert caught.value.code == "not-an-image"
    assert words in caught.value.reason


def test_a_missing_file_a_folder_and_a_pipe_are_reported(tmp_path):
    with pytest.raises(UnreadableImageError, match="not there"):
        decode_rgb(tmp_path / "gone.jpg")
    with pytest.raises(UnreadableImageError, match="ordinary file"):
        decode_rgb(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jpg")
        with pytest.raises(UnreadableImageError, match="ordinary file"):
            decode_rgb(tmp_path / "pipe.jpg")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_a_link_to_a_file_of_the_system_that_may_never_end_is_not_opened(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").symlink_to("/proc/self/status")

    def opened(*_args: object, **_options: object) -> None:
        raise AssertionError("reading such a file may block for ever")

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(UnreadableImageError, match="empty"):
        check_file(tmp_path / "a.jpg")


def test_deep_images_are_measured_and_not_given_to_the_sink(tmp_path):
    class Sink:
        def __init__(self) -> None:
            self.received: list[str] = []

        def wants(self, sha256: str) -> bool:
            return True

        def receive(self, sha256: str, pixels: np.ndarray) -> None:
            self.received.append(sha256)

    sink = Sink()
    Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30)).save(tmp_path / "deep.tif")
    picture().save(tmp_path / "ordinary.png")
    _, checked = check_file(tmp_path / "deep.tif", sink=sink)
    assert sink.received == []
    assert (checked.width, checked.height) == (30, 20)
    assert checked.values is not None
    assert (checked.values.layout, checked.values.bits) == ("grey, whole numbers", 10)
    digest, checked = check_file(tmp_path / "ordinary.png", sink=sink)
    assert sink.received == [digest]
    assert checked.values is None


def test_windows_change_nothing_about_ordinary_images():
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP"):
        data = encoded(picture(), kind)
        np.testing.assert_array_equal(
            decode_bytes(data, name="a").pixels, decode_bytes(data, name="a", values=None).pixels
        )


def test_missing_permission_and_drive_errors_are_reported(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(picture(), "JPEG"))

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableImageError) as caught:
        decode_rgb(path)
    assert caught.value.code == "no-permission"

    def fail(*_args: object, **_options: object) -> None:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(UnreadableImageError) as caught:
        decode_rgb(path)
    assert caught.value.code == "unreadable"


def test_too_many_pixels_are_refused_before_decoding(monkeypatch):
    data = encoded(Image.new("1", (300, 300)), "PNG")
    assert decode_bytes(data, name="a.png").pixels.shape == (300, 300, 3)
    monkeypatch.setattr(formats, "MAX_PIXELS", 300 * 300 - 1)
    error = refusal(data, "a.png")
    assert error.code == "too-large"
    assert "300 × 300" in error.reason


def test_a_decompression_bomb_is_refused():
    # A BMP header that promises 60 000 × 60 000 pixels.
    header = bytearray(encoded(Image.new("RGB", (1, 1)), "BMP"))
    header[18:26] = (60_000).to_bytes(4, "little") * 2
    assert refusal(bytes(header), "a.bmp").code == "too-large"


def test_large_but_ordinary_images_are_read_without_a_warning():
    # More than the figure at which Pillow by itself warns.
    assert (
        decode_bytes(encoded(Image.new("1", (10_000, 9_200)), "PNG"), name="a.png").pixels.shape[0] == 9_200
    )


def test_a_huge_file_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "MAX_FILE_BYTES", 100)
    (tmp_path / "a.jpg").write_bytes(encoded(picture(), "JPEG"))
    with pytest.raises(UnreadableImageError) as caught:
        decode_rgb(tmp_path / "a.jpg")
    assert caught.value.code == "too-large"


def test_lack_of_memory_is_reported(monkeypatch):
    def out_of_memory(*_args: object, **_options: object) -> None:
        raise MemoryError

    data = encoded(picture(), "PNG")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", out_of_memory)
    error = refusal(data, "a.png")
    assert error.code == "too-large"
    assert "memory" in error.reason


def test_decoding_in_many_threads_gives_the_same_pixels():
    files = [encoded(picture(40 + n, 30), kind) for n in range(12) for kind in ("JPEG", "PNG", "TIFF", "GIF")]
    alone = [decode_bytes(data, name="a").pixels for data in files]
    start = threading.Barrier(6)

    def work(_: int) -> bool:
        start.wait()
        return all(
            np.array_equal(decode_bytes(data, name="a").pixels, pixels)
            for data, pixels in zip(files, alone, strict=True)
        )

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(6)))
