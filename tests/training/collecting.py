"""Collecting the activations of a few images at a freeze line, as the tests of the frozen side do it."""

from __future__ import annotations

from pathlib import Path

import torch

from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.features.extractor import Activations, FeatureExtractor
from tlstudio.features.images import RunImage
from tlstudio.features.views import PLAIN, View
from tlstudio.models.stages import Backbone

FLIPPED = View(flip_horizontal=True)


def images_of(root: Path) -> list[RunImage]:
    dataset = scan_folder(root)
    return [
        RunImage(
            path=image.path,
            file=root / image.path,
            sha256=image.sha256,
            label=dataset.classes.index(image.label() or ""),
        )
        for image in dataset.images
    ]


def side_of(backbone: Backbone, *, end: str | None) -> FeatureExtractor:
    return FeatureExtractor(backbone, end=end, preprocessing=backbone.preprocessing, device="cpu", threads=2)


def collect(
    side: FeatureExtractor, images: list[RunImage], *views: View, emit=ignore, control=None
) -> Activations:
    part = (images, views or (PLAIN,))
    (activations,) = side.collect(part, run_id="r", emit=emit, control=control or Control())
    return activations


def all_of(activations: Activations, view: int = 0) -> torch.Tensor:
    count = len(activations.images)
    return activations.read(range(count), [view] * count)
