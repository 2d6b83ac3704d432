"""Folds for cross-validation: classes spread evenly, copies and groups on one side."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator
from tlstudio.features.images import RunImage


def folds_of(images: Sequence[RunImage], *, count: int, seed: int) -> Tensor:
    """The fold of each image.

    Args:
        images: N images; those of one group, and copies of one file, share a fold.
        count: How many folds.
        seed: Of the run.

    Returns:
        int64 [N], each 0 … count - 1.
    """
    unit_of = _units(images)
    labels: list[int] = []
    for number, unit in enumerate(unit_of):
        if unit == len(labels):
            labels.append(images[number].label)
    of_unit = torch.tensor(labels, dtype=torch.int64)
    order = torch.randperm(len(of_unit), generator=generator(seed, "folds"))
    by_class = order[torch.argsort(of_unit[order], stable=True)]
    folds = torch.empty_like(of_unit)
    folds[by_class] = torch.arange(len(of_unit)) % count
    return folds[torch.tensor(unit_of, dtype=torch.int64)]


def _units(images: Sequence[RunImage]) -> list[int]:
    """Number of the unit of each image, counted from 0 in order of their first image."""
    parent = list(range(len(images)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[tuple[str, str], int] = {}
    for index, image in enumerate(images):
        for name in (("copy", image.sha256), ("group", image.group or image.path)):
            parent[root(index)] = root(first.setdefault(name, index))
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(index), len(numbers)) for index in range(len(images))]
