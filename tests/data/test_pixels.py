"""The rule for deep pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tlstudio.data.pixels import over_white, scale, to_eight_bit, to_rgb


@pytest.mark.parametrize("depth", [10, 12, 14, 16])
def test_integers_are_scaled_from_the_smallest_depth_that_holds_them(depth):
    top = 2**depth - 1
    pixels, note = to_eight_bit(np.array([[0, top // 2, top]], np.uint16))
    assert pixels.tolist() == [[0, 127, 255]]
    assert f"{depth}-bit" in (note or "")


def test_two_images_of_one_camera_keep_their_relative_brightness():
    dim, _ = to_eight_bit(np.array([[0, 2100]], np.uint16))
    bright, _ = to_eight_bit(np.array([[0, 4000]], np.uint16))
    assert bright.max() / dim.max() == pytest.approx(4000 / 2100, rel=0.01)


def test_the_depth_stated_by_the_file_is_used():
    pixels, _ = to_eight_bit(np.array([[0, 1200]], np.uint16), bits=12)
    assert pixels.max() == round(1200 / 4095 * 255)


def test_images_with_little_contrast_are_stretched():
    pixels, note = to_eight_bit(np.array([[7300, 7800, 8200]], np.uint16))
    assert pixels.min() == 0
    assert pixels.max() == 255
    assert note == "values 7300 to 8200 stretched to 8 bits"


def test_dark_eight_bit_values_in_a_deep_file_stay_dark():
    pixels, _ = to_eight_bit(np.array([[0, 20, 40]], np.uint16))
    assert pixels.tolist() == [[0, 20, 40]]


def test_floats_within_one_are_absolute_and_others_are_stretched():
    assert to_eight_bit(np.array([[0.0, 0.2]]))[0].tolist() == [[0, 51]]
    assert to_eight_bit(np.array([[-1.0, 1.0, 3.0]]))[0].tolist() == [[0, 128, 255]]


def test_not_a_number_and_infinities_do_not_spoil_the_rest():
    pixels, _ = to_eight_bit(np.array([[np.nan, -np.inf, 10.0, 20.0, np.inf]], np.float32))
    assert pixels.tolist() == [[0, 0, 0, 255, 255]]
    assert to_eight_bit(np.full((2, 2), np.nan))[0].tolist() == [[0, 0], [0, 0]]


def test_extreme_doubles_do_not_overflow():
    assert scale(np.array([-1.7e308, 0.0, 1.7e308]), -1.7e308, 1.7e308).tolist() == [0, 128, 255]


@settings(deadline=None, max_examples=50)
@given(
    npst.arrays(
        st.sampled_from([np.bool_, np.uint8, np.int8, np.uint16, np.int16, np.int32, np.uint32, np.float32]),
        npst.array_shapes(min_dims=2, max_dims=2, max_side=6),
    )
)
def test_any_numbers_become_bytes_of_the_same_shape_and_order(values):
    pixels, _ = to_eight_bit(values)
    assert pixels.dtype == np.uint8
    assert pixels.shape == values.shape
    finite = values[np.isfinite(values)].astype(np.float64)
    order = np.argsort(finite, kind="stable")
    assert (np.diff(pixels[np.isfinite(values)][order].astype(int)) >= 0).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_any_number_of_channels_becomes_writable_rgb(channels):
    pixels = to_rgb(np.full((3, 2, channels), 200, np.uint8))
    assert pixels.shape == (3, 2, 3)
    assert pixels.flags.writeable
    assert pixels.flags.c_contiguous


def test_transparent_pixels_blend_with_white():
    black = np.zeros((1, 3, 3), np.uint8)
    laid = over_white(black, np.array([[0, 128, 255]], np.uint8))
    assert laid[0, :, 0].tolist() == [255, 127, 0]
