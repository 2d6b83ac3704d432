"""Random changes of an input by torchvision: rotation, crop and colour of augmented views."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as transform


def change_randomly(
    image: Tensor, draw: Sequence[float], *, crop: float, rotation_degrees: float, colour: float
) -> Tensor:
    """Rotate, crop and recolour one image by given random numbers.

    Args:
        image: uint8 [3, S, S].
        draw: Eight numbers from 0 to 1 that determine the changes.
        crop: See `View`.
        rotation_degrees: See `View`.
        colour: See `View`.

    Returns:
        uint8 [3, S, S].
    """
    size = image.shape[-1]
    if rotation_degrees:
        angle = rotation_degrees * (2 * draw[0] - 1)
        # Cut to the largest square without empty corners: a black corner is no part of any photo.
        inner = torch.tensor(abs(angle)).deg2rad()
        side = max(1, int(size / float(inner.cos() + inner.sin())) - 1)
        image = transform.rotate(image, angle, interpolation=transform.InterpolationMode.BILINEAR)
        image = transform.resize(transform.center_crop(image, [side, side]), [size, size])
    if crop:
        side = max(1, round(size * sqrt(1 - crop * draw[1])))
        top, left = (int((size - side + 1) * chance) for chance in draw[2:4])
        image = transform.resized_crop(image, top, left, side, side, [size, size])
    if colour:
        low, high = 1 / (1 + colour), 1 + colour
        factors = [low * (high / low) ** chance for chance in draw[4:7]]
        image = transform.adjust_brightness(image, factors[0])
        image = transform.adjust_contrast(image, factors[1])
        image = transform.adjust_saturation(image, factors[2])
    return image
