"""Views: augmented variants of a training image, by changes that do not alter its class.

A view turns the input of an image (uint8 [3, S, S]) into another such input. What a view does depends on its
own settings and on the image alone, so its activations can be cached like those of the image itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator
from tlstudio.specs.recipe import AugmentationSettings

RANDOM_VIEWS = 4
"""Random views cached per image beside the plain one when stages are frozen: each costs one pass and disk
space, with diminishing returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One augmented variant. Its random draws depend on `seed` and the image's content hash only.

    Attributes:
        seed: None for a fixed variant: exactly the given flips, nothing else.
        flip_horizontal: Mirrored; with a seed, in half of the images.
        flip_vertical: Upside down; with a seed, in half of the images.
        crop: At most this share of the area is cut away.
        rotation_degrees: Largest rotation, to either side.
        colour: Brightness, contrast and saturation change by up to this factor.
    """

    seed: int | None = None
    flip_horizontal: bool = False
    flip_vertical: bool = False
    crop: float = 0.0
    rotation_degrees: float = 0.0
    colour: float = 0.0

    @property
    def id(self) -> str:
        """A short name for cache keys, unique to the settings."""
        if self.seed is None:
            flips = "h" * self.flip_horizontal + "v" * self.flip_vertical
            return f"flip-{flips}" if flips else "plain"
        settings = json.dumps(asdict(self), sort_keys=True).encode()
        return f"random-{hashlib.sha256(settings).hexdigest()[:16]}"

    def apply(self, image: Tensor, *, sha256: str) -> Tensor:
        """Apply the variant to one image.

        Args:
            image: uint8 [3, S, S].
            sha256: Its content hash.

        Returns:
            uint8 [3, S, S].
        """
        flips = [self.flip_horizontal, self.flip_vertical]
        if self.seed is not None:
            draw = torch.rand(10, generator=generator(self.seed, "view", sha256)).tolist()
            flips = [wanted and chance < 0.5 for wanted, chance in zip(flips, draw[:2], strict=True)]
            if self.crop or self.rotation_degrees or self.colour:
                image = self._vary(image, draw[2:])
        axes = [axis for axis, flip in zip((-1, -2), flips, strict=True) if flip]
        return image.flip(axes) if axes else image

    def _vary(self, image: Tensor, draw: list[float]) -> Tensor:
        # Few runs have such views, and they need torchvision, which takes a second to import.
        from tlstudio.features.random_changes import change_randomly

        return change_randomly(
            image, draw, crop=self.crop, rotation_degrees=self.rotation_degrees, colour=self.colour
        )


PLAIN = View()


def cached_views(augmentation: AugmentationSettings, *, seed: int) -> tuple[View, ...]:
    """The views whose activations are cached when stages are frozen; the first is the plain image.

    Flips alone give one view per combination; with crop, rotation or colour there are `RANDOM_VIEWS` random
    views of each image.
    """
    horizontal, vertical = augmentation.flips_horizontally, augmentation.flips_vertically
    if augmentation.crop or augmentation.rotation_degrees or augmentation.colour:
        return (PLAIN, *(random_view(augmentation, seed=seed + number) for number in range(RANDOM_VIEWS)))
    return tuple(
        View(flip_horizontal=across, flip_vertical=down)
        for down in ((False, True) if vertical else (False,))
        for across in ((False, True) if horizontal else (False,))
    )


def split_views(views: tuple[View, ...]) -> tuple[tuple[View, ...], tuple[View, ...]]:
    """Divide views into the fixed ones, which the first epoch draws from, and the random ones."""
    return tuple(v for v in views if v.seed is None), tuple(v for v in views if v.seed is not None)


def views_in_epoch(views: Sequence[View], epoch: int) -> int:
    """Count the views that an epoch draws from, in their order: each epoch adds one random view.

    It depends on the epoch's number only (1, 2, …), not on which views are cached already.
    """
    fixed = sum(view.seed is None for view in views)
    return min(len(views), fixed + max(0, epoch - 1))


def random_view(augmentation: AugmentationSettings, *, seed: int) -> View:
    """A random view, drawn anew for each image and seed."""
    return View(
        seed=seed,
        flip_horizontal=augmentation.flips_horizontally,
        flip_vertical=augmentation.flips_vertically,
        crop=augmentation.crop,
        rotation_degrees=augmentation.rotation_degrees,
        colour=augmentation.colour,
    )
