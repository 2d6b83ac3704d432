"""What the frozen backbone gave for images that it was shown in this very run, before any rounding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from torch import Tensor

from tlstudio.features.images import RunImage
from tlstudio.features.views import PLAIN, View

MOST_KEPT = 4096
"""Images; 21 MB with 1 280 features."""


class ExactFeatures:
    """Float32 features of some plain images, by content: the first half of the classifier's answers.

    A backbone that stays as it is gives the same features again, so whoever asks the finished classifier
    about these images needs its head only. Nothing here comes from a cache, where activations are rounded.

    Args:
        images: Whose features to keep; of more than `MOST_KEPT` none are.
    """

    def __init__(self, images: Sequence[RunImage] = ()) -> None:
        kept = images if len(images) <= MOST_KEPT else ()
        self._features: dict[str, Tensor | None] = {image.sha256: None for image in kept}

    def note(self, shown: Iterable[tuple[str, View]], features: Tensor) -> None:
        """Take what belongs here.

        Args:
            shown: Content hash and view of N images.
            features: float32 [N, F].
        """
        for (sha256, view), one in zip(shown, features, strict=True):
            if view == PLAIN and sha256 in self._features:
                self._features[sha256] = one.cpu().clone()

    def forget(self) -> None:
        """Keep nothing, now and later."""
        self._features.clear()

    def one(self) -> tuple[str, Tensor] | None:
        """The content hash and features of one of the images that were shown."""
        return next(((sha256, one) for sha256, one in self._features.items() if one is not None), None)

    def features(self, images: Sequence[RunImage]) -> dict[int, Tensor]:
        """float32 [F] of those of the images that were shown, by their place among them."""
        found = ((place, self._features.get(image.sha256)) for place, image in enumerate(images))
        return {place: one for place, one in found if one is not None}
