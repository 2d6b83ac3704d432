"""Features that are made up to measure how long solving a head takes."""

from __future__ import annotations

from pathlib import Path

import torch

from tlstudio.features.images import RunImage
from tlstudio.training.planning.synthetic_features import synthetic_features


def test_they_are_the_same_each_time_and_differ_by_class():
    images = [RunImage(path="", file=Path(), sha256="", label=number % 2) for number in range(200)]
    (one, none), (again, _) = (synthetic_features((images, ()), size=6, classes_count=2) for _ in range(2))
    table = one.table()
    assert torch.equal(table, again.table())
    assert (table.shape, len(none)) == ((200, 6), 0)
    spread = table[::2].std(dim=0)
    assert (spread[:-1] > spread[1:]).all(), "each axis varies less than the one before"
    assert (table[::2].mean(dim=0) - table[1::2].mean(dim=0)).abs().max() > 0.3
