"""Does a classifier rely on a mark?"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.checks.marks import POINTS, Mark
from tlstudio.checks.reliance import MOST_IMAGES, reliance_on

POINT = np.zeros((POINTS, POINTS), dtype=np.bool_)
POINT[0, 0] = True
LABELS = np.repeat(np.arange(2), 60)
PIXELS = torch.full((120, 3, 64, 64), 100, dtype=torch.uint8)
PIXELS[:60, :, :2, :2] = 255
MARK = Mark(label=0, share=1.0, others=0.0, rows=tuple(range(60)), points=POINT, example=0)


def by_corner(pixels: Tensor) -> NDArray[np.float64]:
    """Class 0 where the corner is white."""
    white = (pixels[:, 0, 0, 0] == 255).double()
    return torch.stack([white, 1 - white], dim=1).numpy()


def by_middle(pixels: Tensor) -> NDArray[np.float64]:
    """Class 1 whatever is in the corner."""
    dark = (pixels[:, 0, 32, 32] == 100).double()
    return torch.stack([1 - dark, dark], dim=1).numpy()


def test_one_that_looks_at_the_mark_relies_on_it():
    found = reliance_on(MARK, PIXELS, LABELS, classify=by_corner)
    assert (found.n, found.with_it, found.without) == (MOST_IMAGES, MOST_IMAGES, 0)


def test_one_that_looks_elsewhere_does_not():
    found = reliance_on(MARK, PIXELS, LABELS, classify=by_middle)
    assert (found.n, found.with_it, found.without) == (MOST_IMAGES, 0, 0)


def test_images_are_not_changed_and_without_others_nothing_is_known():
    before = PIXELS.clone()
    reliance_on(MARK, PIXELS, LABELS, classify=by_corner)
    assert torch.equal(PIXELS, before)
    everywhere = Mark(label=0, share=1.0, others=1.0, rows=tuple(range(120)), points=POINT, example=0)
    assert reliance_on(everywhere, PIXELS, LABELS, classify=by_corner).n == 0
