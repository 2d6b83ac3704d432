"""Colours of pictures that agree in grey."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageEnhance

from tests.data.near.made import CHANGES, scene
from tlstudio.data.near.colours import CELLS, colours_of, have_same_colours


@pytest.mark.parametrize("change", ["saved again", "smaller", "cut by 2 %"])
def test_a_copy_has_the_same_colours(change: str):
    original = ImageEnhance.Color(scene(1)).enhance(0.6)  # photos have softer colours
    copy = CHANGES[change](original)
    assert have_same_colours(colours_of(np.asarray(original)), colours_of(np.asarray(copy)))


def test_the_same_in_another_colour_has_not():
    pixels = np.asarray(scene(1))
    assert not have_same_colours(colours_of(pixels), colours_of(pixels[..., ::-1]))


def test_sides_need_not_be_divisible():
    assert colours_of(np.zeros((7, 9, 3), dtype=np.uint8)).shape == (CELLS, CELLS, 3)
