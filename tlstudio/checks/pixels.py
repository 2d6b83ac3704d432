"""Thumbnails and features of the images, for checks that need more than labels and metrics."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from tlstudio.compute.device import choose_device
from tlstudio.compute.process import usable_cores
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset, Image
from tlstudio.core.events import Emit, StageStarted
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.types import Preprocessing
from tlstudio.features.decoded_inputs import InputCache, open_input_store
from tlstudio.features.extractor import FeatureExtractor
from tlstudio.features.images import RunImage, read_ahead
from tlstudio.features.views import PLAIN
from tlstudio.models.frozen.runtime_choice import choose_runtime
from tlstudio.models.stages import Backbone

THUMBNAIL_SIZE = 64
"""Side of a thumbnail in pixels: 12 kB per image, 120 MB for ten thousand."""
STAGE = "checks"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thumbnails:
    """Thumbnails of the images that can still be read.

    Attributes:
        paths: N paths as in the dataset.
        pixels: uint8 [N, THUMBNAIL_SIZE, THUMBNAIL_SIZE, 3], of the part of each image that a backbone sees.
    """

    paths: tuple[str, ...]
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """The inputs of a backbone for the images that can still be read.

    Attributes:
        paths: N paths as in the dataset.
        pixels: uint8 [N, 3, S, S].
    """

    paths: tuple[str, ...]
    pixels: Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageFeatures:
    """Pooled features of the images.

    Attributes:
        paths: N paths as in the dataset.
        values: float32 [N, F].
    """

    paths: tuple[str, ...]
    values: NDArray[np.float32]


def read_thumbnails(
    dataset: Dataset, *, preprocessing: Preprocessing, run_id: str, emit: Emit, control: Control
) -> Thumbnails:
    """Make thumbnails of all images; an image whose input is cached is not decoded again.

    Args:
        dataset: Which images, and where they lie.
        preprocessing: Of the backbone whose cached inputs are used.
        run_id: Written into events.
        emit: Receives progress.
        control: Checked once per image.

    Raises:
        Cancelled: The person cancelled.
    """
    images = dataset.images
    emit(StageStarted(run_id=run_id, stage=STAGE, title="Looking at the images", total=len(images)))
    progress = ThrottledProgress(len(images), stage=STAGE, run_id=run_id, emit=emit)
    reading = read_ahead(
        [(file_of(image, dataset), image.sha256) for image in images],
        preprocessing=preprocessing,
        threads=min(4, usable_cores()),
        cache=InputCache(open_input_store(preprocessing)),
    )
    paths: list[str] = []
    pixels: list[NDArray[np.uint8]] = []
    with closing(reading):
        for image, read in zip(images, reading, strict=True):
            control.check()
            if isinstance(read, Tensor):  # else it was deleted or changed: the next scan reports it
                paths.append(image.path)
                pixels.append(_reduced(read))
            progress.step()
    shape = (0, THUMBNAIL_SIZE, THUMBNAIL_SIZE, 3)
    return Thumbnails(
        paths=tuple(paths), pixels=np.stack(pixels) if pixels else np.zeros(shape, dtype=np.uint8)
    )


def read_inputs(dataset: Dataset, *, preprocessing: Preprocessing, control: Control) -> Inputs:
    """Read the inputs of a few hundred images, which are held in memory; cached ones are not decoded again.

    Args:
        dataset: Which images, and where they lie.
        preprocessing: Of the backbone.
        control: Checked once per image.

    Raises:
        Cancelled: The person cancelled.
    """
    reading = read_ahead(
        [(file_of(image, dataset), image.sha256) for image in dataset.images],
        preprocessing=preprocessing,
        threads=min(4, usable_cores()),
        cache=InputCache(open_input_store(preprocessing)),
    )
    paths: list[str] = []
    pixels: list[Tensor] = []
    with closing(reading):
        for image, read in zip(dataset.images, reading, strict=True):
            control.check()
            if isinstance(read, Tensor):
                paths.append(image.path)
                pixels.append(read)
    size = preprocessing.input_size
    nothing = torch.zeros((0, 3, size, size), dtype=torch.uint8)
    return Inputs(paths=tuple(paths), pixels=torch.stack(pixels) if pixels else nothing)


def _reduced(image: Tensor) -> NDArray[np.uint8]:
    """Reduce uint8 [3, S, S] to uint8 [THUMBNAIL_SIZE, THUMBNAIL_SIZE, 3]."""
    small = interpolate(
        image[None].float(), size=(THUMBNAIL_SIZE, THUMBNAIL_SIZE), mode="bilinear", antialias=True
    )[0]
    reduced: NDArray[np.uint8] = small.round().clamp(0, 255).byte().permute(1, 2, 0).contiguous().numpy()
    return reduced


def extract_features(
    dataset: Dataset,
    backbone: Backbone,
    *,
    preprocessing: Preprocessing,
    run_id: str,
    emit: Emit,
    control: Control,
) -> ImageFeatures:
    """Pooled features of all images; those that a run computed with this backbone are taken from the cache.

    Args:
        dataset: Which images, and where they lie.
        backbone: Is put in eval mode and must stay as it is.
        preprocessing: Of the backbone.
        run_id: Written into events.
        emit: Receives progress.
        control: Checked once per image.

    Raises:
        UserError: An image can no longer be read, or its content changed.
        Cancelled: The person cancelled.
    """
    paths = tuple(image.path for image in dataset.images)
    if not paths:
        return ImageFeatures(paths=paths, values=np.zeros((0, backbone.feature_size), dtype=np.float32))
    device, threads = choose_device().device, torch.get_num_threads()
    extractor = FeatureExtractor(
        backbone,
        end=None,
        preprocessing=preprocessing,
        device=device,
        threads=min(4, usable_cores()),
        runtime=choose_runtime(
            backbone.eval().to(device=device),
            preprocessing=preprocessing,
            device=device,
            threads=threads,
            control=control,
        ),
    )
    (activations,) = extractor.collect(
        (_run_images(dataset), [PLAIN]), run_id=run_id, emit=emit, control=control
    )
    return ImageFeatures(paths=paths, values=activations.features().table().numpy())


def file_of(image: Image, dataset: Dataset) -> Path:
    """The absolute path of an image."""
    return next(source.root for source in dataset.sources if source.id == image.source) / image.path


def _run_images(dataset: Dataset) -> list[RunImage]:
    """The images as the feature extractor takes them; features do not depend on the labels."""
    return [
        RunImage(path=image.path, file=file_of(image, dataset), sha256=image.sha256, label=0)
        for image in dataset.images
    ]
