"""Simple properties of how images look, apart from what they show: brightness, colour, sharpness, size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.checks.pixels import file_of
from tlstudio.compute.process import usable_cores
from tlstudio.core.control import Control
from tlstudio.core.dataset import Dataset
from tlstudio.core.types import Preprocessing
from tlstudio.data.file_facts import read_file_facts
from tlstudio.features.decoded_inputs import InputCache, open_input_store
from tlstudio.features.images import read_ahead

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property that can be told in a word.

    Attributes:
        id: Name in the numbers of a finding.
        more: Says that images have more of it than others.
        less: Says that they have less.
    """

    id: str
    more: str
    less: str


PROPERTIES = (
    Property(id="brightness", more="brighter", less="darker"),
    Property(id="contrast", more="richer in contrast", less="poorer in contrast"),
    Property(id="colour", more="more colourful", less="paler in colour"),
    Property(id="warmth", more="more yellow and red", less="more blue"),
    Property(id="tint", more="more green", less="more pink"),
    Property(id="sharpness", more="sharper", less="more blurred"),
    Property(id="size", more="larger", less="smaller"),
    Property(id="shape", more="wider", less="narrower"),
    Property(id="compression", more="more strongly compressed", less="less strongly compressed"),
)


def measure_appearance(
    dataset: Dataset, *, preprocessing: Preprocessing, control: Control
) -> Mapping[str, NDArray[np.float64]]:
    """Measure the properties of images, as a backbone sees them; the last ones are read from the files.

    Args:
        dataset: N images.
        preprocessing: Of the backbone whose cached inputs are used.
        control: Checked once per image.

    Returns:
        Id of each property to float64 [N]; NaN where it is not known.

    Raises:
        Cancelled: The person cancelled.
    """
    files = [file_of(image, dataset) for image in dataset.images]
    reading = read_ahead(
        [(file, image.sha256) for file, image in zip(files, dataset.images, strict=True)],
        preprocessing=preprocessing,
        threads=min(4, usable_cores()),
        cache=InputCache(open_input_store(preprocessing)),
    )
    rows = []
    with closing(reading):
        for file, read in zip(files, reading, strict=True):
            control.check()
            seen = _seen(read) if isinstance(read, Tensor) else [np.nan] * 6
            rows.append([*seen, *_stored(file)])
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(PROPERTIES))
    return {one.id: table[:, column] for column, one in enumerate(PROPERTIES)}


def _seen(pixels: Tensor) -> Sequence[float]:
    """Brightness, contrast, colour, warmth, tint and sharpness of uint8 [3, S, S]."""
    image = pixels.float() / 255
    red, green, blue = image
    luma = torch.tensordot(torch.tensor(LUMA), image, dims=1)
    contrast = float(luma.std())
    centre = luma[1:-1, 1:-1]
    around = (luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]) / 4
    edges = float((centre - around).abs().mean())
    return (
        float(luma.mean()),
        contrast,
        float((image.amax(dim=0) - image.amin(dim=0)).mean()),
        float((red - blue).mean()),
        float((green - (red + blue) / 2).mean()),
        edges / max(contrast, 1e-3),  # of two equally sharp images, one with more contrast has stronger edges
    )


def _stored(file: Path) -> Sequence[float]:
    """Pixels, width by height and compression of a file."""
    facts = read_file_facts(file)
    if facts is None or not facts.width or not facts.height:
        return (np.nan, np.nan, np.nan)
    compression = np.nan if facts.compression is None else facts.compression
    return (float(facts.width * facts.height), facts.width / facts.height, compression)
