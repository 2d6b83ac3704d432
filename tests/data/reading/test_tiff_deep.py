"""Deep TIFFs, planes, bands and stacks of channels."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from tlstudio.data.decode import DecodedImage, UnreadableImageError, decode_bytes
from tlstudio.data.formats.tiff import TiffReader
from tlstudio.data.reading import tiff_deep

tifffile = pytest.importorskip("tifffile")

RNG = np.random.default_rng(0)


def written(values: np.ndarray, **options: object) -> bytes:
    out = BytesIO()
    tifffile.imwrite(out, values, **options)
    return out.getvalue()


def deep(values: np.ndarray, **options: object):
    return TiffReader().read_deep(written(values, **options), suffix=".tif")


def seen(values: np.ndarray, **options: object) -> DecodedImage:
    return decode_bytes(written(values, **options), name="a.tif", values=())


def random(*shape: int, dtype: str = "u2") -> np.ndarray:
    return RNG.integers(0, np.iinfo(dtype).max, shape).astype(dtype)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_sixteen_bit_colours_are_read_to_the_last_bit(order, planes, compression):
    values = random(7, 9, 3)
    stored = values if planes == "contig" else np.moveaxis(values, -1, 0)
    image = deep(stored, photometric="rgb", planarconfig=planes, byteorder=order, compression=compression)
    np.testing.assert_array_equal(image.values, values)
    assert image.layout == "colour, whole numbers"


def test_without_a_window_planes_are_a_picture_too_and_no_noise():
    y, x = np.mgrid[:40, :60]
    values = np.stack([x * 900, y * 1500, (x + y) * 600]).astype(np.uint16)
    pixels = decode_bytes(
        written(values, photometric="rgb", planarconfig="separate"), name="a.tif", values=None
    ).pixels
    for channel in range(3):
        assert np.corrcoef(values[channel].ravel(), pixels[..., channel].ravel())[0, 1] > 0.999


@pytest.mark.parametrize("kind", ["imagej", "ome", "plain"])
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_a_stack_of_channels_is_no_film(kind, count, dtype):
    values = random(count, 8, 9).astype(dtype) if dtype != "u1" else random(count, 8, 9, dtype="u1")
    options = {"imagej": {"imagej": True}, "ome": {"ome": True}, "plain": {}}[kind]
    image = deep(values, metadata={"axes": "CYX"}, photometric="minisblack", **options)
    np.testing.assert_array_equal(np.moveaxis(image.values, -1, 0), values)
    assert not image.is_colour
    decoded = seen(values, metadata={"axes": "CYX"}, photometric="minisblack", **options)
    assert decoded.pixels[..., 2].max() == (0 if count == 2 else decoded.pixels[..., 2].max())
    assert (decoded.pixels[..., 0] != decoded.pixels[..., 1]).any()


def test_of_a_film_of_channels_the_first_time_and_depth_is_used():
    values = random(3, 4, 2, 8, 9)
    image = deep(values, imagej=True, metadata={"axes": "TZCYX"})
    np.testing.assert_array_equal(np.moveaxis(image.values, -1, 0), values[0, 0])
    assert "first of 3 times used" in image.notes
    assert "first of 4 depths used" in image.notes


def test_channels_before_times_are_found():
    values = random(2, 3, 8, 9)
    image = deep(values, ome=True, photometric="minisblack", metadata={"axes": "CTYX"})
    np.testing.assert_array_equal(np.moveaxis(image.values, -1, 0), values[:, 0])


def test_a_focus_series_stays_a_film():
    values = random(5, 8, 9)
    image = deep(values, imagej=True, metadata={"axes": "ZYX"})
    np.testing.assert_array_equal(image.values[:, :, 0], values[0])
    assert "first of 5 frames used" in image.notes


def test_more_than_three_channels_say_which_are_seen():
    decoded = seen(random(5, 8, 9), imagej=True, metadata={"axes": "CYX"})
    assert "channels 1 red, 2 green, 3 blue of 5" in decoded.notes


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("photometric", ["rgb", "minisblack"])
def test_a_fourth_band_that_is_no_transparency_is_not_laid_on_white(dtype, photometric):
    values = random(8, 9, 4, dtype=dtype)
    values[..., 3] = 0
    extra = ["unspecified"] if photometric == "rgb" else ["unspecified"] * 3
    image = deep(values, photometric=photometric, extrasamples=extra)
    assert image.alpha is None
    np.testing.assert_array_equal(image.values, values)
    pixels = seen(values, photometric=photometric, extrasamples=extra).pixels
    assert (pixels < 255).any()


def test_stated_transparency_is_laid_on_white():
    values = random(8, 9, 4)
    values[..., 3] = 0
    assert (seen(values, photometric="rgb", extrasamples=["unassalpha"]).pixels == 255).all()


@pytest.mark.parametrize("extra", [{}, {"extrasamples": ["unassalpha"]}])
def test_ordinary_colours_are_left_to_pillow(extra):
    assert deep(random(8, 9, 4 if extra else 3, dtype="u1"), photometric="rgb", **extra) is None


def test_palettes_and_masks_are_ordinary():
    colours = np.zeros((3, 256), np.uint16)
    assert deep(random(8, 9, dtype="u1"), photometric="palette", colormap=colours) is None
    assert deep(random(8, 9, dtype="u1") > 99, photometric="minisblack") is None


def test_odd_depths_and_no_data_are_known():
    image = deep(random(8, 9).astype("f8"), extratags=[(42113, "s", 0, "-9999", True)])
    assert image.no_data == -9999
    assert image.layout == "grey, real numbers"


def test_a_turned_stack_is_upright():
    values = random(2, 4, 6)
    image = deep(values, metadata={"axes": "CYX"}, extratags=[(274, "H", 1, 6, True)])
    np.testing.assert_array_equal(image.values[..., 1], np.rot90(values[1], -1))


def test_pages_compressed_as_only_pillow_knows_are_read(monkeypatch):
    values = random(2, 8, 9)
    data = written(values, ome=True, photometric="minisblack", metadata={"axes": "CYX"})

    def cannot(*_args: object, **_options: object) -> None:
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", cannot)
    monkeypatch.setattr(tifffile.TiffFrame, "asarray", cannot)
    image = TiffReader().read_deep(data, suffix=".tif")
    np.testing.assert_array_equal(np.moveaxis(image.values, -1, 0), values)


def test_a_compression_that_nothing_reads_is_named():
    reason = r"compressed in a way that is not read here \(LZW\)\."
    with pytest.raises(UnreadableImageError, match=reason), tiff_deep.opened(written(random(8, 9))):
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")


def test_too_many_values_are_refused(monkeypatch):
    monkeypatch.setattr(tiff_deep, "MOST_BYTES", 100)
    with pytest.raises(UnreadableImageError) as caught:
        deep(random(3, 8, 9), imagej=True, metadata={"axes": "CYX"})
    assert caught.value.code == "too-large"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_stack_is_refused(share):
    data = written(random(3, 40, 50), imagej=True, metadata={"axes": "CYX"})
    with pytest.raises(UnreadableImageError) as caught:
        decode_bytes(data[: int(len(data) * share)], name="a.tif", values=())
    assert caught.value.code in ("truncated", "damaged")
