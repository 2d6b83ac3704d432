"""Asks a classifier whether it relies on a mark or a rim: what does it take other images for, with it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.checks.cues import rim_pixels
from tlstudio.checks.marks import Mark

MOST_IMAGES = 32
"""Images that are changed: the share that becomes of the class is then known to about ±17 points."""

Classify = Callable[[Tensor], NDArray[np.float64]]
"""From uint8 [N, 3, S, S] to probabilities [N, K]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliance:
    """Change of predictions that a mark or a rim makes.

    Attributes:
        n: Number of images, none of the class and none with it.
        with_it: Of them, those that are taken for the class with it.
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
    others = [row for row in (labels != mark.label).nonzero()[0].tolist() if row not in have_it]
    rows = _some(others, seed=0)
    place = mark.pixels(pixels.shape[-1])
    changed = torch.where(place, pixels[mark.example], pixels[rows])
    return _change(mark.label, pixels[rows], changed, classify=classify)


def reliance_on_rim(label: int, pixels: Tensor, labels: NDArray[np.int64], *, classify: Classify) -> Reliance:
    """Put the rims of images of one class around the middles of images of others.

    Args:
        label: The class.
        pixels: uint8 [N, 3, S, S].
        labels: Index of the class of each image: [N].
        classify: The classifier.
    """
    rows = _some((labels != label).nonzero()[0].tolist(), seed=0)
    own = _some((labels == label).nonzero()[0].tolist(), seed=1)
    if not own:
        return Reliance(n=0, with_it=0, without=0)
    donors = [own[number % len(own)] for number in range(len(rows))]
    changed = torch.where(rim_pixels(pixels.shape[-1]), pixels[donors], pixels[rows])
    return _change(label, pixels[rows], changed, classify=classify)


def _some(rows: list[int], *, seed: int) -> list[int]:
    chosen: list[int] = np.random.default_rng(seed).permutation(rows)[:MOST_IMAGES].astype(int).tolist()
    return chosen


def _change(label: int, plain: Tensor, changed: Tensor, *, classify: Classify) -> Reliance:
    if not len(plain):
        return Reliance(n=0, with_it=0, without=0)
    with_it, without = (int((classify(part).argmax(axis=1) == label).sum()) for part in (changed, plain))
    return Reliance(n=len(plain), with_it=with_it, without=without)
