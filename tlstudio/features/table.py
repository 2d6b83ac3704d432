"""Pooled features of many images, read in blocks, so that memory does not grow with their number."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from tlstudio.core.conveniences import working_cache_dir
from tlstudio.core.files import name_in_errors
from tlstudio.features.store import read_runs

BLOCK = 1024
"""Images read at a time: 5 MB with 1 280 features each."""


class Features:
    """Features [N, F] of N images, read lazily in blocks.

    Args:
        read: Given int64 rows, returns the features [len(rows), F], of any float type.
        rows: int64 [N], the row of each image in its store.
        size: F.
    """

    def __init__(self, read: Callable[[Tensor], Tensor], *, rows: Tensor, size: int) -> None:
        self._read = read
        self._rows = rows
        self.size = size

    @staticmethod
    def of(table: Tensor) -> Features:
        """Features of a table [N, F] in memory."""
        return Features(table.__getitem__, rows=torch.arange(len(table)), size=table.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, chosen: slice | Tensor) -> Features:
        """Features of some of the images; nothing is read yet."""
        return Features(self._read, rows=self._rows[chosen], size=self.size)

    def blocks(self) -> Iterator[Tensor]:
        """Read float32 blocks [≤ BLOCK, F] in order; without images one empty block."""
        for start in range(0, max(len(self), 1), BLOCK):
            yield self._read(self._rows[start : start + BLOCK]).float()

    def loaded(self, most: int) -> Features:
        """The same features, in memory or in a temporary file, to be read repeatedly during a training.

        Args:
            most: Largest count of numbers that is loaded into memory. More are copied to a temporary file,
                because the cache may evict them meanwhile.
        """
        if len(self) * self.size <= most:
            return Features.of(self.table())
        file = FeatureFile(self.size)
        for block in self.blocks():
            file.append(block)
        return file.features()

    def table(self) -> Tensor:
        """Load all features: float32 [N, F]."""
        return torch.cat(list(self.blocks()))


class FeatureFile:
    """A temporary file of features that are not in the cache; deleted with its last reader.

    Args:
        size: F.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._count = 0
        # Not in the system's folder for temporary files: on many systems that is memory.
        cache = working_cache_dir()
        self._place = cache / "features"
        """Named in error messages; the file itself has no name."""
        cache.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=cache, buffering=0)  # noqa: SIM115 - closed below
        weakref.finalize(self, self._file.close)

    def append(self, features: Tensor) -> None:
        """Append float32 features [n, F].

        Raises:
            DiskFullError: The disk is full.
        """
        block = features.contiguous().numpy().data.cast("B")
        with name_in_errors(self._place, needed_bytes=len(block)):
            while len(block):  # a nearly full disk writes a part first
                block = block[self._file.write(block) :]
        self._count += len(features)

    def features(self) -> Features:
        """All appended features."""
        return Features(self._read, rows=torch.arange(self._count), size=self._size)

    def _read(self, rows: Tensor) -> Tensor:
        out = np.empty((len(rows), self._size), dtype=np.float32)
        read_runs(self._file, rows.numpy(), out)
        return torch.from_numpy(out)


def joined(parts: Sequence[Features], *, most: int) -> Features:
    """The features of several parts as one, in their order.

    Args:
        parts: At least one, all of one size.
        most: Largest count of numbers that is loaded into memory; more are copied to a temporary file.
    """
    if sum(len(part) for part in parts) * parts[0].size <= most:
        return Features.of(torch.cat([part.table() for part in parts]))
    file = FeatureFile(parts[0].size)
    for part in parts:
        for block in part.blocks():
            file.append(block)
    return file.features()
