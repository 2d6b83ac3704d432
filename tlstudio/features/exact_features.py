"""Features that this run computed itself, in float32: unlike cached ones they were never rounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor

from tlstudio.features.images import RunImage
from tlstudio.features.views import PLAIN, View

MOST_HELD = 4096
"""Most images whose features are held: 21 MB with 1 280 features each."""


class ExactFeatures:
    """Float32 features of plain images, by content hash, held in memory.

    A frozen backbone gives the same features again, so predictions for these images need the trained head
    only. Nothing here comes from the cache, where activations are rounded to float16.

    Args:
        images: Images whose features to hold; with more than `MOST_HELD` none are held.
    """

    def __init__(self, images: Sequence[RunImage] = ()) -> None:
        held = images if len(images) <= MOST_HELD else ()
        self._features: dict[str, Tensor | None] = {image.sha256: None for image in held}

    def record(self, computed: Iterable[tuple[str, View]], features: Tensor) -> None:
        """Hold the features of those images that were named at the start; others are ignored.

        Args:
            computed: Content hash and view of N images.
            features: float32 [N, F].
        """
        for (sha256, view), one in zip(computed, features, strict=True):
            if view == PLAIN and sha256 in self._features:
                self._features[sha256] = one.cpu().clone()

    def clear(self) -> None:
        """Drop all features, and hold none from now on."""
        self._features.clear()

    def any_one(self) -> tuple[str, Tensor] | None:
        """The content hash and features of any one image; None when none is held."""
        return next(((sha256, one) for sha256, one in self._features.items() if one is not None), None)

    def features(self, images: Sequence[RunImage]) -> dict[int, Tensor]:
        """The held features of some images: float32 [F] by index in `images`; others are missing."""
        found = ((place, self._features.get(image.sha256)) for place, image in enumerate(images))
        return {place: one for place, one in found if one is not None}
