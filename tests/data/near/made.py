"""Pictures of soft shapes, as photos have, and copies of them that were changed a little."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image


def scene(seed: int) -> Image.Image:
    """A picture of overlapping shapes and a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:160, 0:200].astype(np.float64)
    pixels = np.full((160, 200, 3), rng.uniform(60, 200, 3))
    for _ in range(14):
        centre, radius = rng.uniform((0, 0), (160, 200)), rng.uniform(8, 45)
        stretch = rng.uniform(0.5, 2)
        inside = np.hypot((y - centre[0]) * stretch, x - centre[1]) < radius
        pixels[inside] = rng.uniform(0, 255, 3)
    pixels += rng.normal(0, 5, pixels.shape)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def saved(image: Image.Image) -> Image.Image:
    """The picture after it was saved as a poor JPEG."""
    data = io.BytesIO()
    image.save(data, format="JPEG", quality=35)
    return Image.open(data).convert("RGB")


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved again": saved,
    "smaller": lambda image: image.resize((100, 80)),
    "larger": lambda image: image.resize((300, 240)),
    "cut by 2 %": lambda image: image.crop((4, 3, 196, 157)),
    "turned by 1 degree": lambda image: image.rotate(1, resample=Image.Resampling.BICUBIC),
    "turned back by 2 degrees": lambda image: image.rotate(
        -2, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255)
    ),
    "brighter": lambda image: image.point([min(255, round(value * 1.15)) for value in range(256)] * 3),
}
"""Changes that leave a near-duplicate."""
