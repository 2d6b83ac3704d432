"""Finds marks: pixels that are the same, at the same place, in many images of one class and in few others.

A stamp, a label, a scale bar or a frame looks alike in every image that has it, to the digit; what photos
show does not. Images are compared as overviews of `POINTS` × `POINTS` means of their pixels. On eight
image sets as they are, none was found; the largest difference of shares was 0.46, of 0.53 of a class at
most, when colours counted as the same up to 0.05. With a mark on 80 % of a class and 20 % of the others it
is about 0.6, at 60 % and 40 % about 0.2 (`tests/benchmarks/planted.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

POINTS = 32
"""Means along a side of an overview."""
ALIKE = 0.03
"""Largest difference of a colour, 0 … 1, at which two means count as the same."""
SHARE = 0.6
"""Least share of a class that has the mark."""
DIFFERENCE = 0.45
"""Least difference between this share and that of the other images."""
MIDDLE = "middle"
EXTENT = 0.75
"""Share of the images with the mark that must agree about a point for it to be a part of the mark."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mark:
    """A mark on images of one class.

    Attributes:
        label: Index of the class.
        share: Of the images of the class, those that have it.
        others: Of the other images, those that have it.
        rows: Of the images that have it, those of the class first.
        points: Where it is: bool [POINTS, POINTS].
        example: Row of an image that has it.
    """

    label: int
    share: float
    others: float
    rows: tuple[int, ...]
    points: NDArray[np.bool_]
    example: int

    @property
    def words(self) -> str:
        """Its place, such as "top left corner"."""
        rows, columns = self.points.nonzero()
        vertical = _third(rows, "top", "bottom")
        horizontal = _third(columns, "left", "right")
        if vertical and horizontal:
            return f"{vertical} {horizontal} corner"
        return f"{vertical or horizontal} edge" if vertical or horizontal else MIDDLE

    def pixels(self, size: int) -> Tensor:
        """The pixels of the mark and those next to it, in square images of this size: bool [size, size]."""
        grown = torch.zeros(POINTS + 2, POINTS + 2, dtype=torch.bool)
        points = torch.from_numpy(self.points)
        for down in range(3):
            for right in range(3):
                grown[down : down + POINTS, right : right + POINTS] |= points
        index = torch.arange(size) * POINTS // size
        return grown[1:-1, 1:-1][index][:, index]


def find_marks(overviews: NDArray[np.float32], labels: NDArray[np.int64]) -> list[Mark]:
    """The most different mark of each class that has one, the most different first.

    None where at least half of the classes have one of their own and at least half of these lie in the
    middle: objects that are aligned on a plain ground, such as digits on paper, agree in many places by
    what they are.

    Args:
        overviews: Colours from 0 to 1: [N, POINTS, POINTS, 3].
        labels: Index of the class of each image: [N].
    """
    points = np.ascontiguousarray(
        overviews.reshape(len(overviews), -1, 3).transpose(1, 0, 2)
    )  # [POINTS², N, 3]
    marks = []
    for label in np.unique(labels):
        mark = _mark_of(int(label), points, labels == label)
        if mark is not None:
            marks.append(mark)
    in_middle = sum(mark.words == MIDDLE for mark in marks)
    if len(marks) > 1 and 2 * len(marks) >= len(np.unique(labels)) and 2 * in_middle >= len(marks):
        return []
    return sorted(marks, key=lambda mark: mark.others - mark.share)


def _mark_of(label: int, points: NDArray[np.float32], inside: NDArray[np.bool_]) -> Mark | None:
    # Not by torch, whose threads wait for each other at each of thousands of small steps when others compute.
    own, other = points[:, inside], points[:, ~inside]
    if own.shape[1] < 2 or not other.shape[1]:
        return None
    # The colour that most images of the class have at a point is that of one of them.
    alike = np.stack([_alike(own, own[:, [number]]).sum(axis=1) for number in range(own.shape[1])])
    examples = alike.argmax(axis=0)
    places = np.arange(len(own))
    share = (alike[examples, places] - 1) / (own.shape[1] - 1)
    colour = own[places, examples]
    others = _alike(other, colour[:, None]).mean(axis=1)
    difference = np.where(share >= SHARE, share - others, 0.0)
    best = int(difference.argmax())
    if difference[best] < DIFFERENCE:
        return None
    has_it = _alike(points[best], colour[best])
    example = int(inside.nonzero()[0][examples[best]])
    extent = _alike(points[:, has_it & inside], points[:, [example]]).mean(axis=1) >= EXTENT
    # A point that all images share, such as a white ground, is no part of it.
    extent &= (_alike(other, points[:, [example]]).mean(axis=1) <= share[best] - DIFFERENCE) | (
        places == best
    )
    rows = [*(has_it & inside).nonzero()[0].tolist(), *(has_it & ~inside).nonzero()[0].tolist()]
    return Mark(
        label=label,
        share=float(share[best]),
        others=float(others[best]),
        rows=tuple(rows),
        points=extent.reshape(POINTS, POINTS),
        example=example,
    )


def _alike(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Compare colours [..., 3]: True where they are the same."""
    same: NDArray[np.bool_] = (np.abs(first - second) <= ALIKE).all(axis=-1)
    return same


def _third(places: NDArray[np.int64], low: str, high: str) -> str:
    """The word for the third in which all places are; empty for others."""
    if len(places) and places.max() < POINTS / 3:
        return low
    return high if len(places) and places.min() >= POINTS * 2 / 3 else ""
