"""Values of deep images, and how windows make pixels of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.values import ValueWindow
from tlstudio.data.deep import DeepImage, render, summarise

GREY = "grey, whole numbers"


def grey(values: np.ndarray, **options: object) -> DeepImage:
    return DeepImage(values=values[:, :, np.newaxis], **options)


def window(low: float, high: float, layout: str = GREY) -> ValueWindow:
    return ValueWindow(layout=layout, channels=(1,), low=(low,), high=(high,))


def test_all_images_are_scaled_by_the_same_window():
    values = np.array([[0, 100, 600, 1100, 60000]], np.uint16)
    pixels = render(grey(values), [window(100, 1100)]).pixels
    assert pixels.shape == (1, 5, 3)
    assert pixels[0, :, 0].tolist() == [0, 0, 128, 255, 255]
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert (pixels[..., 0] == pixels[..., 2]).all()


@given(st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 65535))
def test_brighter_values_never_look_darker(low, high, one, other):
    low, high = sorted((low, high))
    dim, bright = sorted((one, other))
    pixels = [
        int(render(grey(np.full((1, 1), value, np.uint16)), [window(low, high)]).pixels[0, 0, 0])
        for value in (dim, bright)
    ]
    assert pixels[0] <= pixels[1]


def test_hot_and_dead_pixels_are_not_among_the_percentiles():
    values = np.random.default_rng(0).normal(1000, 50, (64, 64)).astype(np.uint16)
    spoilt = values.copy()
    spoilt[3, 3], spoilt[9, 9] = 65535, 0
    clean, hot = summarise(grey(values)), summarise(grey(spoilt))
    assert abs(hot.high[0] - clean.high[0]) < 20
    assert abs(hot.low[0] - clean.low[0]) < 20
    assert hot.most == (65535.0,)


def test_what_was_not_measured_counts_nowhere_and_is_black():
    values = np.array([[np.nan, np.inf, -np.inf, -9999.0, 5.0, 9.0, 9.0]], np.float32)
    image = grey(values, no_data=-9999.0)
    summary = summarise(image)
    assert summary.layout == "grey, real numbers"
    assert (summary.least, summary.most) == ((5.0,), (9.0,))
    pixels = render(image, [window(5, 9, "grey, real numbers")]).pixels
    assert pixels[0, :, 0].tolist() == [0, 0, 0, 0, 0, 255, 255]


def test_a_no_data_value_that_the_numbers_cannot_hold_is_none():
    values = np.array([[1, 2, 3]], np.uint16)
    assert summarise(grey(values, no_data=-9999.0)).least == (1.0,)
    assert summarise(grey(values, no_data=1.0)).least == (2.0,)
    assert summarise(grey(values, no_data=float("nan"))).least == (1.0,)


def test_an_image_without_any_measured_value_is_black():
    image = grey(np.full((4, 4), np.nan))
    assert summarise(image).is_constant
    assert render(image, []).pixels.max() == 0


def test_black_stored_as_the_largest_number_is_inverted():
    values = np.array([[0, 100]], np.uint16)
    image = grey(values, is_inverted=True)
    assert image.layout != GREY
    assert render(image, [window(0, 100, image.layout)]).pixels[0, :, 0].tolist() == [255, 0]


def test_two_channels_become_red_and_green():
    values = np.zeros((2, 2, 2), np.uint16)
    values[..., 1] = 50
    both = ValueWindow(layout="2 channels, whole numbers", channels=(1, 2), low=(0, 0), high=(100, 50))
    decoded = render(DeepImage(values=values), [both])
    assert decoded.pixels[0, 0].tolist() == [0, 255, 0]
    assert "channels 1 red, 2 green of 2" in decoded.notes


def test_picked_channels_are_seen_and_named():
    values = np.zeros((2, 2, 5), np.uint16)
    values[..., 4] = 7
    picked = ValueWindow(layout="5 channels, whole numbers", channels=(5, 1), low=(0, 0), high=(7, 7))
    decoded = render(DeepImage(values=values), [picked])
    assert decoded.pixels[0, 0].tolist() == [255, 0, 0]
    assert "channels 5 red, 1 green of 5" in decoded.notes
    single = ValueWindow(layout="5 channels, whole numbers", channels=(5,), low=(0,), high=(7,))
    assert render(DeepImage(values=values), [single]).pixels[0, 0].tolist() == [255, 255, 255]


def test_colours_share_one_range_so_that_their_hue_stays():
    values = np.zeros((8, 8, 3), np.uint16)
    values[..., 0], values[..., 1], values[..., 2] = 4000, 2000, 1000
    image = DeepImage(values=values, is_colour=True)
    assert len(summarise(image).least) == 1
    seen = render(
        image,
        [ValueWindow(layout=image.layout, channels=(1, 2, 3), low=(0, 0, 0), high=(4000, 4000, 4000))],
    )
    assert seen.pixels[0, 0].tolist() == [255, 128, 64]


def test_an_unknown_layout_is_scaled_by_itself_and_says_so():
    decoded = render(grey(np.arange(4096, dtype=np.uint16).reshape(64, 64)), [window(0, 1, "colour, 8-bit")])
    assert decoded.pixels.min() == 0
    assert decoded.pixels.max() == 255
    assert any("of this image alone" in note for note in decoded.notes)


def test_transparent_parts_are_white_and_not_measured():
    values = np.array([[10, 20, 9000]], np.uint16)
    image = grey(values, alpha=np.array([[255, 255, 0]], np.uint8))
    assert summarise(image).most == (20.0,)
    assert render(image, [window(10, 20)]).pixels[0, :, 0].tolist() == [0, 255, 255]


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u4", "i4", "f2", "f8"])
def test_any_kind_of_number_is_summarised_and_rendered(dtype):
    values = np.arange(100).astype(dtype).reshape(10, 10)
    summary = summarise(grey(values))
    assert (summary.least, summary.most) == ((0.0,), (99.0,))
    assert render(grey(values), []).pixels.shape == (10, 10, 3)
