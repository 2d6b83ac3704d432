from __future__ import annotations

import math

import pytest
import torch

from tlstudio.models.frozen.agreement import (
    ACTIVATION_BOUNDS,
    FEATURE_BOUNDS,
    bounds_for,
    compare,
    probe_images,
)


def test_equal_activations_agree():
    x = torch.randn(4, 2, 3)
    agreement = compare(x, x)
    assert agreement.mean_cosine == pytest.approx(1)
    assert agreement.length_error == 0
    assert agreement.within(ACTIVATION_BOUNDS)


def test_one_wrong_image_is_enough_to_disagree():
    wanted = torch.eye(50)
    got = wanted.clone()
    # 0.0632 aside of 1 is a cosine of 0.998.
    got[7, 8] = math.tan(math.acos(0.998))
    agreement = compare(got, wanted)
    assert agreement.worst_cosine == pytest.approx(0.998)
    assert agreement.mean_cosine > FEATURE_BOUNDS.mean_cosine
    assert not agreement.within(FEATURE_BOUNDS)


def test_the_bounds_are_the_documented_ones():
    assert (FEATURE_BOUNDS.mean_cosine, FEATURE_BOUNDS.worst_cosine) == (0.9999, 0.999)
    assert bounds_for(None) == FEATURE_BOUNDS
    assert bounds_for("layer4") == ACTIVATION_BOUNDS
    assert ACTIVATION_BOUNDS.within(FEATURE_BOUNDS)
    assert not FEATURE_BOUNDS.within(ACTIVATION_BOUNDS)


def test_a_scaled_copy_does_not_agree():
    x = torch.randn(4, 9)
    assert not compare(x * 1.02, x).within(FEATURE_BOUNDS)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_nan_and_infinity_never_agree(bad: float):
    x = torch.randn(4, 9)
    broken = x.clone()
    broken[2, 2] = bad
    assert not compare(broken, x).within(FEATURE_BOUNDS)


def test_zeros_agree_with_zeros_only():
    zeros, x = torch.zeros(2, 5), torch.ones(2, 5)
    assert compare(zeros, zeros).within(ACTIVATION_BOUNDS)
    assert not compare(zeros, x).within(FEATURE_BOUNDS)


def test_another_shape_is_an_error():
    with pytest.raises(ValueError, match="instead of"):
        compare(torch.zeros(2, 5), torch.zeros(2, 4))


def test_probe_images_are_smooth_varied_and_reproducible():
    images = probe_images(16, size=64)
    assert images.dtype == torch.uint8
    assert images.shape == (16, 3, 64, 64)
    assert torch.equal(images, probe_images(16, size=64))
    values = images.float()
    neighbours = (values[..., 1:] - values[..., :-1]).abs().mean()
    assert neighbours < 0.4 * values.std()
    assert values.mean(dim=(1, 2, 3)).std() > 5
    assert len({image.numpy().tobytes() for image in images}) == 16
