"""Synthetic features, on which solving a head takes as long as on real ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch

from tlstudio.features.images import RunImage
from tlstudio.features.table import Features

CLASS_DISTANCE = 0.5


def synthetic_features(
    parts: Iterable[Sequence[RunImage]], *, size: int, classes_count: int
) -> tuple[Features, ...]:
    """Draw features of overlapping classes, with axes of decreasing variance as in real features.

    Args:
        parts: Images, of which only the labels count.
        size: F.
        classes_count: K.

    Returns:
        Features [N, F] of each part; the same in every call.
    """
    random = torch.Generator().manual_seed(0)
    centres = torch.randn(classes_count, size, generator=random) * CLASS_DISTANCE
    scales = torch.arange(1, size + 1).rsqrt() * 10

    def features(images: Sequence[RunImage]) -> Features:
        noise = torch.randn(len(images), size, generator=random) * scales
        return Features.of(noise + centres[[image.label for image in images]])

    return tuple(features(images) for images in parts)
