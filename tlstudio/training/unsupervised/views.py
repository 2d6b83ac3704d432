"""The views of images without labels that a network learns to recognise as the same image."""

from __future__ import annotations

from tlstudio.features.views import PLAIN, View
from tlstudio.specs.recipe import AugmentationSettings

RANDOM_VIEWS = 4
"""Beside the plain one: ten pairs for each image, at the price of one pass each through the frozen stages."""
CROP = 0.6
"""Share of the area that is cut away at most. Two views must differ in more than a mirror image."""
COLOUR = 0.3


def pretraining_views(augmentation: AugmentationSettings, *, seed: int) -> tuple[View, ...]:
    """The cached views of each image, the plain one first.

    Args:
        augmentation: Of the recipe; says which flips leave the class as it is, and may ask for more than the
            least crop and change of colour.
        seed: Of the run.
    """
    return (
        PLAIN,
        *(
            View(
                seed=seed + number,
                flip_horizontal=augmentation.flips_horizontally,
                flip_vertical=augmentation.flips_vertically,
                crop=max(CROP, augmentation.crop),
                rotation_degrees=augmentation.rotation_degrees,
                colour=max(COLOUR, augmentation.colour),
            )
            for number in range(RANDOM_VIEWS)
        ),
    )
