"""The look of a picture and its facts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from scipy.ndimage import uniform_filter1d

from tests.data.near.made import scene
from tlstudio.data.near.look import BLURRED_OVER, SIDE, _blur, look_of

PICTURE = np.asarray(scene(5))


def test_a_look_is_a_small_grey_copy_of_the_whole_picture():
    pixels = np.zeros((200, 400, 3), dtype=np.uint8)
    pixels[:, 200:] = 255
    look, _ = look_of(pixels)
    assert (look.shape, look.dtype) == ((SIDE, SIDE), np.uint8)
    assert look[:, : SIDE // 2 - 1].max() == 0
    assert look[:, SIDE // 2 + 1 :].min() == 255


def test_brightness_colour_and_border_are_measured():
    pixels = np.full((100, 100, 3), (255, 0, 0), dtype=np.uint8)
    pixels[10:-10, 10:-10] = 255
    _, facts = look_of(pixels)
    assert facts.brightness == pytest.approx(0.64 + 0.36 * 0.299, abs=0.01)
    assert facts.colour == pytest.approx(0.36, abs=0.01)
    assert facts.border == pytest.approx(0.299, abs=0.01)
    assert facts.border_contrast == pytest.approx(0, abs=0.01)


def test_a_blurred_picture_is_more_blurred_and_a_large_one_is_measured_like_a_small_one():
    blurred = np.asarray(Image.fromarray(PICTURE).filter(ImageFilter.GaussianBlur(4)))
    large = np.asarray(Image.fromarray(PICTURE).resize((2000, 1600), Image.Resampling.BICUBIC))
    assert look_of(blurred)[1].blur > look_of(PICTURE)[1].blur + 0.15
    assert look_of(large)[1].blur == pytest.approx(look_of(PICTURE)[1].blur, abs=0.1)


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 2), (7, 5)])
def test_tiny_and_long_pictures_have_a_look(size):
    look, facts = look_of(np.zeros((*size, 3), dtype=np.uint8))
    assert look.shape == (SIDE, SIDE)
    assert (facts.brightness, facts.blur) == (0, 1)


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 2**16))
def test_blur_is_what_a_moving_mean_leaves_of_the_changes(rows: int, columns: int, seed: int):
    grey = np.random.default_rng(seed).integers(0, 256, (rows, columns)).astype(np.uint8)
    mean = uniform_filter1d(grey.astype(float), BLURRED_OVER, axis=0)
    margin = BLURRED_OVER // 2
    before, after = (np.abs(np.diff(each.astype(float), axis=0))[margin:-margin] for each in (grey, mean))
    if before.sum():
        assert _blur(grey) == pytest.approx(1 - np.maximum(before - after, 0).sum() / before.sum())
    else:
        is_too_small = rows <= BLURRED_OVER and (grey != grey[0]).any()
        assert _blur(grey) == (0 if is_too_small else 1)
