"""Asks a classifier whether it relies on a mark: what does it take images of other classes for, with it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.checks.marks import Mark

MOST_IMAGES = 32
"""Images that are changed: the share that becomes of the class is then known to about ±17 points."""

Classify = Callable[[Tensor], NDArray[np.float64]]
"""From uint8 [N, 3, S, S] to probabilities [N, K]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliance:
    """Change of predictions that a mark makes.

    Attributes:
        n: Number of images, none of the class and none with the mark.
        with_it: Of them, those that are taken for the class with the mark.
        without: Of them, those that are taken for the class as they are.
    """

    n: int
    with_it: int
    without: int


def reliance_on(mark: Mark, pixels: Tensor, labels: NDArray[np.int64], *, classify: Classify) -> Reliance:
    """Put a mark into images of other classes.

    Args:
        mark: On which class.
        pixels: uint8 [N, 3, S, S], in which the mark was found.
        labels: Index of the class of each image: [N].
        classify: The classifier.
    """
    have_it = set(mark.rows)
    rows = [row for row in (labels != mark.label).nonzero()[0].tolist() if row not in have_it]
    rows = np.random.default_rng(0).permutation(rows)[:MOST_IMAGES].tolist()
    if not rows:
        return Reliance(n=0, with_it=0, without=0)
    plain = pixels[torch.tensor(rows)]
    place = mark.pixels(pixels.shape[-1])
    marked = torch.where(place, pixels[mark.example], plain)
    with_it, without = (int((classify(part).argmax(axis=1) == mark.label).sum()) for part in (marked, plain))
    return Reliance(n=len(rows), with_it=with_it, without=without)
