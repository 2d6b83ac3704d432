"""Folds for cross-validation: stratified by class, with groups and copies of a file in one fold."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tlstudio.compute.seeds import generator
from tlstudio.data.units import unit_numbers
from tlstudio.features.images import RunImage


def folds_of(images: Sequence[RunImage], *, count: int, seed: int) -> Tensor:
    """Assign each image to a fold.

    Args:
        images: N images; those of one group, and copies of one file, share a fold.
        count: Number of folds.
        seed: Seed of the run.

    Returns:
        int64 [N], each 0 … count - 1.
    """
    unit_of = unit_numbers(images)
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
