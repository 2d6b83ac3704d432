"""Overviews of images: the means of a few hundred parts of each, of all that is in the file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Picture
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from tlstudio.checks.marks import POINTS
from tlstudio.checks.pixels import file_of
from tlstudio.compute.device import single_threaded_pool
from tlstudio.compute.process import usable_cores
from tlstudio.compute.read_ahead import map_ahead
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.values import ValueWindow
from tlstudio.data.decode import UnreadableImageError, decode_rgb


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Overviews:
    """Overviews of the images that can still be read.

    Attributes:
        paths: N paths as in the dataset.
        values: Colours from 0 to 1: float32 [N, POINTS, POINTS, 3].
    """

    paths: tuple[str, ...]
    values: NDArray[np.float32]


def read_overviews(dataset: Dataset, *, windows: Sequence[ValueWindow] | None, control: Control) -> Overviews:
    """Read whole images, also the margins that the preprocessing cuts away.

    Args:
        dataset: Which images, and where they lie.
        windows: Windows of values of the classifier.
        control: Checked once per image.

    Raises:
        Cancelled: The person cancelled.
    """

    def read(image: Image) -> NDArray[np.uint8] | None:
        try:
            pixels = decode_rgb(file_of(image, dataset), values=windows).pixels
        except UnreadableImageError:
            return None
        return np.asarray(Picture.fromarray(pixels).resize((POINTS, POINTS), Picture.Resampling.BOX))

    threads = min(4, usable_cores())
    reading = map_ahead(
        read,
        dataset.images,
        threads=threads,
        ahead=2 * threads,
        name="overviews",
        make_pool=single_threaded_pool,
    )
    paths, values = [], []
    with closing(reading):
        for image, overview in zip(dataset.images, reading, strict=True):
            control.check()
            if overview is not None:
                paths.append(image.path)
                values.append(overview)
    table = np.array(values, dtype=np.uint8).reshape(len(paths), POINTS, POINTS, 3)
    return Overviews(paths=tuple(paths), values=table.astype(np.float32) / np.float32(255))


def overviews_of(pixels: Tensor) -> NDArray[np.float32]:
    """Overviews of inputs, uint8 [N, 3, S, S]: float32 [N, POINTS, POINTS, 3]."""
    parts = [adaptive_avg_pool2d(part.float() / 255, POINTS) for part in torch.split(pixels, 32)]
    values: NDArray[np.float32] = torch.cat(parts).permute(0, 2, 3, 1).contiguous().numpy()
    return values
