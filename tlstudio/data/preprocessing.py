"""The preprocessing after decoding: resize, crop or pad, normalise.

Training, evaluation, prediction and export all use these functions.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.core.types import Preprocessing

MAX_ASPECT = 4
"""Largest ratio of the sides in "crop" mode; a longer side is cut to it before resizing."""


def to_input(pixels: NDArray[np.uint8], preprocessing: Preprocessing) -> Tensor:
    """Resize a decoded image to the backbone's input size.

    "crop": cut the longer side to at most four times the shorter (equally at both ends), resize the shorter
    side to `resize_size` and the longer to int(resize_size * longer / shorter) as torchvision does, take the
    central square. "pad": resize the longer side to `input_size`, fill up with the mean colour on both sides.
    Resizing is antialiased, on uint8.

    Args:
        pixels: uint8 `[H, W, 3]`, RGB, any size from 1 × 1.
        preprocessing: Of the backbone.

    Returns:
        uint8 `[3, S, S]` with S = `input_size`.
    """
    if not pixels.flags.writeable:
        # torch warns when it gets a read-only array.
        pixels = pixels.copy()
    # As a batch of one this is channels_last already, the fast layout for resizing bytes.
    image = torch.from_numpy(pixels).permute(2, 0, 1).unsqueeze(0)
    if preprocessing.fit == "pad":
        return _pad(image, preprocessing)[0]
    return _crop(image, preprocessing)[0]


def seen_side(height: int, width: int, preprocessing: Preprocessing) -> float:
    """Side of the square that becomes the input, in pixels of the image; it lies in the middle.

    Args:
        height: Of the decoded image.
        width: Of the decoded image.
        preprocessing: Of the backbone.
    """
    if preprocessing.fit == "pad":
        return max(height, width)
    return min(height, width) * preprocessing.input_size / preprocessing.resize_size


def normalise(batch: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(value / 255 - mean) / std for each channel.

    Args:
        batch: uint8 `[N, 3, S, S]`.
        preprocessing: Of the backbone.

    Returns:
        float32 `[N, 3, S, S]`, on the same device, in the same memory layout.
    """
    mean = torch.tensor(preprocessing.mean, dtype=torch.float32, device=batch.device).view(1, 3, 1, 1)
    std = torch.tensor(preprocessing.std, dtype=torch.float32, device=batch.device).view(1, 3, 1, 1)
    return (batch.to(torch.float32) - mean * 255) / (std * 255)


def _crop(image: Tensor, preprocessing: Preprocessing) -> Tensor:
    height, width = image.shape[-2:]
    short = min(height, width)
    image = _centre(image, min(height, short * MAX_ASPECT), min(width, short * MAX_ASPECT))
    height, width = image.shape[-2:]
    size = preprocessing.resize_size
    if size < preprocessing.input_size:
        raise ValueError(f"resize_size {size} is below input_size {preprocessing.input_size}")
    long = int(size * max(height, width) / short)
    image = _resize(image, *((size, long) if height <= width else (long, size)), preprocessing)
    image = _centre(image, preprocessing.input_size, preprocessing.input_size)
    # A copy, so that a reference to the square does not keep the whole image in memory.
    return image.contiguous(memory_format=torch.channels_last)


def _pad(image: Tensor, preprocessing: Preprocessing) -> Tensor:
    height, width = image.shape[-2:]
    size = preprocessing.input_size
    scale = size / max(height, width)
    new_height, new_width = (max(1, round(side * scale)) for side in (height, width))
    image = _resize(image, new_height, new_width, preprocessing)
    top, left = (size - new_height) // 2, (size - new_width) // 2
    colour = torch.tensor([round(mean * 255) for mean in preprocessing.mean], dtype=torch.uint8)
    canvas = colour.view(1, 3, 1, 1).repeat(1, 1, size, size)
    canvas[:, :, top : top + new_height, left : left + new_width] = image
    return canvas


def _resize(image: Tensor, height: int, width: int, preprocessing: Preprocessing) -> Tensor:
    if tuple(image.shape[-2:]) == (height, width):
        return image
    return F.interpolate(
        image, size=(height, width), mode=preprocessing.interpolation, align_corners=False, antialias=True
    )


def _centre(image: Tensor, height: int, width: int) -> Tensor:
    # torchvision's CenterCrop rounds the offset in just this way.
    top = round((image.shape[-2] - height) / 2.0)
    left = round((image.shape[-1] - width) / 2.0)
    return image[:, :, top : top + height, left : left + width]
