"""Finds units: images that must stay together in a split and in the folds of cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Relatable(Protocol):
    """An image with what determines its unit: content hash, group and near-duplicates."""

    @property
    def sha256(self) -> str:
        """Hash of its content."""
        ...

    @property
    def group(self) -> str | None:
        """Name of its group, None without one."""
        ...

    @property
    def near(self) -> str | None:
        """Name of its cluster of near-duplicates, None without one."""
        ...


def unit_numbers(images: Sequence[Relatable]) -> list[int]:
    """Number the units of images.

    Exact copies, near-duplicates and images of one group form a unit, and so does what is related through
    several steps: A is a copy of B, and B is in the group of C.

    Args:
        images: In any order.

    Returns:
        The number of each image's unit; units are numbered from 0 in the order of their first image.
    """
    parent = list(range(len(images)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[tuple[str, str], int] = {}
    for index, image in enumerate(images):
        ties = [("content", image.sha256)]
        if image.group is not None:
            ties.append(("group", image.group))
        if image.near is not None:
            ties.append(("near", image.near))
        for tie in ties:
            parent[root(index)] = root(first.setdefault(tie, index))
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(index), len(numbers)) for index in range(len(images))]
