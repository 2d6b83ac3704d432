"""The one preprocessing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torchvision.transforms import InterpolationMode, v2

from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import normalise, to_input


def picture(height: int, width: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@settings(deadline=None, max_examples=25)
@given(height=st.integers(1, 400), width=st.integers(1, 400), fit=st.sampled_from(["crop", "pad"]))
@example(height=1, width=1, fit="crop")
@example(height=1, width=5000, fit="crop")
@example(height=5000, width=1, fit="crop")
@example(height=1, width=5000, fit="pad")
@example(height=5000, width=1, fit="pad")
def test_any_size_becomes_the_square(height, width, fit):
    out = to_input(picture(height, width), Preprocessing(input_size=48, resize_size=56, fit=fit))
    assert out.shape == (3, 48, 48)
    assert out.dtype == torch.uint8


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize("size", [(375, 500), (500, 333), (224, 224), (256, 300), (90, 70), (300, 1200)])
def test_resizing_and_cropping_equal_torchvision(size, interpolation):
    pixels = picture(*size)
    reference = v2.Compose(
        [
            v2.Resize(256, interpolation=InterpolationMode(interpolation), antialias=True),
            v2.CenterCrop(224),
        ]
    )(torch.from_numpy(pixels).permute(2, 0, 1))
    out = to_input(pixels, Preprocessing(interpolation=interpolation))
    assert torch.equal(out, reference)


def test_a_very_long_image_costs_no_more_than_one_of_four_to_one():
    pixels = picture(3, 60_000)
    middle = np.ascontiguousarray(pixels[:, 29_994:30_006])
    preprocessing = Preprocessing(input_size=32, resize_size=32)
    assert torch.equal(to_input(pixels, preprocessing), to_input(middle, preprocessing))


def test_padding_keeps_the_whole_image_in_the_middle():
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 0], pixels[:, -1] = 255, 255
    preprocessing = Preprocessing(input_size=40, resize_size=40, fit="pad", mean=(0.5, 0.25, 0.0))
    out = to_input(pixels, preprocessing)
    assert (out[:, 10:30, 0] == 255).all()
    assert (out[:, 10:30, -1] == 255).all()
    assert (out[:, 10:30, 1:-1] == 0).all()
    for rows in (out[:, :10], out[:, 30:]):
        assert rows[0].unique().tolist() == [128]
        assert rows[1].unique().tolist() == [64]
        assert rows[2].unique().tolist() == [0]


def test_read_only_pixels_are_accepted_and_not_changed():
    pixels = picture(30, 30)
    pixels.flags.writeable = False
    before = pixels.copy()
    assert torch.equal(to_input(pixels, Preprocessing()), to_input(before, Preprocessing()))


def test_the_result_does_not_keep_the_whole_image_in_memory():
    out = to_input(picture(300, 900), Preprocessing())
    assert out.untyped_storage().nbytes() == 3 * 224 * 224


def test_settings_that_would_crop_beyond_the_image_are_refused():
    with pytest.raises(ValueError, match="resize_size"):
        to_input(picture(9, 9), Preprocessing(input_size=64, resize_size=32))


def test_normalising_equals_the_formula():
    preprocessing = Preprocessing(mean=(0.1, 0.5, 0.9), std=(0.2, 0.3, 0.4))
    batch = torch.randint(0, 256, (4, 3, 8, 8), dtype=torch.uint8)
    out = normalise(batch, preprocessing)
    mean = torch.tensor(preprocessing.mean, dtype=torch.float64).view(3, 1, 1)
    std = torch.tensor(preprocessing.std, dtype=torch.float64).view(3, 1, 1)
    assert out.dtype == torch.float32
    torch.testing.assert_close(out.double(), (batch.double() / 255 - mean) / std, rtol=0, atol=2e-6)


def test_normalising_keeps_the_memory_layout():
    batch = torch.zeros(2, 3, 8, 8, dtype=torch.uint8).contiguous(memory_format=torch.channels_last)
    assert normalise(batch, Preprocessing()).is_contiguous(memory_format=torch.channels_last)
