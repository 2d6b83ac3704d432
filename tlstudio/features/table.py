"""Pooled features of many images, read when they are needed: a large set never lies in memory as a whole."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from tlstudio.core.files import cache_dir, name_in_errors
from tlstudio.features.store import read_runs

BLOCK = 1024
"""Images that are in memory at a time: 5 MB with 1 280 features."""


class Features:
    """Features [N, F], by blocks.

    Args:
        read: Features [len(rows), F], any float type, of rows of what they are kept in.
        rows: int64 [N], the row of each image.
        size: F.
    """

    def __init__(self, read: Callable[[Tensor], Tensor], *, rows: Tensor, size: int) -> None:
        self._read = read
        self._rows = rows
        self.size = size

    @staticmethod
    def of(table: Tensor) -> Features:
        """Those of a table [N, F] in memory."""
        return Features(table.__getitem__, rows=torch.arange(len(table)), size=table.shape[1])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, chosen: slice | Tensor) -> Features:
        """Those of some images; nothing is read yet."""
        return Features(self._read, rows=self._rows[chosen], size=self.size)

    def blocks(self) -> Iterator[Tensor]:
        """float32 [≤ BLOCK, F], in order; one empty block when there are no images."""
        for start in range(0, max(len(self), 1), BLOCK):
            yield self._read(self._rows[start : start + BLOCK]).float()

    def at_hand(self, most: int) -> Features:
        """The same, to be read again and again for as long as a training lasts.

        Args:
            most: Numbers that may lie in memory; more go to a temporary file of their own, since what a cache
                holds may have to make room for another program's.
        """
        if len(self) * self.size <= most:
            return Features.of(self.table())
        file = FeatureFile(self.size)
        for block in self.blocks():
            file.append(block)
        return file.features()

    def table(self) -> Tensor:
        """All of them in memory: float32 [N, F]."""
        return torch.cat(list(self.blocks()))


class FeatureFile:
    """A temporary file of features, for those that no cache holds. It goes with its last reader.

    Args:
        size: F.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._count = 0
        # Not where the system keeps temporary files: on many systems that is memory.
        self._place = cache_dir() / "features"
        """What messages name; the file itself has no name."""
        cache_dir().mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=cache_dir(), buffering=0)  # noqa: SIM115 - closed below
        weakref.finalize(self, self._file.close)

    def append(self, features: Tensor) -> None:
        """Add float32 features [n, F].

        Raises:
            DiskFullError: What it says.
        """
        block = features.contiguous().numpy().data.cast("B")
        with name_in_errors(self._place, needed_bytes=len(block)):
            while len(block):  # a full disk takes a part before it refuses
                block = block[self._file.write(block) :]
        self._count += len(features)

    def features(self) -> Features:
        """All that were added."""
        return Features(self._read, rows=torch.arange(self._count), size=self._size)

    def _read(self, rows: Tensor) -> Tensor:
        out = np.empty((len(rows), self._size), dtype=np.float32)
        read_runs(self._file, rows.numpy(), out)
        return torch.from_numpy(out)
