"""Caches decoded and resized images on disk, so that each photo is decoded only once.

An entry is the input that the fixed preprocessing makes, uint8 [3, S, S], before normalising; backbones with
the same input size share it. A cached input equals a decoded one bit for bit.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.compute.device import single_threaded_pool
from tlstudio.core.errors import is_disk_full
from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import to_input
from tlstudio.features.store import DEFAULT_LIMIT_BYTES, ActivationStore, open_store
from tlstudio.features.views import PLAIN

log = logging.getLogger(__name__)


def open_input_store(
    preprocessing: Preprocessing, *, limit_bytes: int = DEFAULT_LIMIT_BYTES
) -> ActivationStore:
    """Open the store of inputs for one preprocessing.

    Args:
        preprocessing: Inputs are not normalised; its mean matters only where it fills the margin.
        limit_bytes: For all stores together.
    """
    size = preprocessing.input_size
    about: dict[str, Any] = {
        "backbone": "inputs",
        "stage": "pixels",
        "input_size": size,
        "resize_size": preprocessing.resize_size if preprocessing.fit == "crop" else None,
        "interpolation": preprocessing.interpolation,
        "fit": preprocessing.fit,
        "margin": list(preprocessing.mean) if preprocessing.fit == "pad" else None,
    }
    if preprocessing.values is not None:
        about["values"] = [asdict(window) for window in preprocessing.values]
    return open_store(about, shape=(3, size, size), dtype=np.uint8, limit_bytes=limit_bytes)


class InputCache:
    """Cache of decoded inputs: reads those of earlier runs and writes new ones in batches.

    Args:
        store: See `open_input_store`.
    """

    BATCH_SIZE = 16
    """Inputs written together."""

    def __init__(self, store: ActivationStore) -> None:
        self._store = store
        self._cached = set(store.keys())
        self._unwritten: dict[str, Tensor] = {}
        self._full = False

    def __contains__(self, sha256: str) -> bool:
        """Return whether the cache has an entry for an image, damaged or not."""
        return _key(sha256) in self._cached

    def read(self, sha256: str) -> Tensor | None:
        """The input of an image: uint8 [3, S, S]; None when it must be decoded.

        Its checksum is verified only now, so that a large set is not read completely beforehand.
        """
        if sha256 not in self:
            return None
        entry = self._store.read_verified(_key(sha256))
        if entry is None:
            self._cached.discard(_key(sha256))
            return None
        return torch.from_numpy(entry)

    def add(self, sha256: str, decoded: Tensor) -> None:
        """Add the input of an image that is not cached yet; ignored when it is."""
        if sha256 in self:
            return
        self._unwritten[sha256] = decoded
        if len(self._unwritten) >= self.BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        """Write the added inputs; on a full disk they are dropped, because they only save time."""
        if self._unwritten and not self._full:
            keys = [_key(sha256) for sha256 in self._unwritten]
            try:
                self._store.append(keys, [decoded.numpy() for decoded in self._unwritten.values()])
            except OSError as error:
                if not is_disk_full(error):
                    raise
                log.info("the disk is full: decoded images are not kept", exc_info=error)
                self._full = True
        self._unwritten.clear()


class InputWriter:
    """Writes inputs to the cache while a folder is scanned, so that each photo is decoded only once.

    Args:
        preprocessing: Of the classifier to be trained.
    """

    def __init__(self, preprocessing: Preprocessing) -> None:
        self._preprocessing = preprocessing
        self._inputs = InputCache(open_input_store(preprocessing))
        self._waiting: list[tuple[str, Tensor]] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._failed = False

    make_pool = staticmethod(single_threaded_pool)
    """See `PixelSink`: `receive` resizes with torch."""

    def wants(self, sha256: str) -> bool:
        """See `PixelSink`. A damaged entry counts as present; it is replaced when it is read."""
        return not self._failed and sha256 not in self._inputs

    def receive(self, sha256: str, pixels: NDArray[np.uint8]) -> None:
        """See `PixelSink`."""
        decoded = input_of(pixels, self._preprocessing)
        with self._lock:
            self._waiting.append((sha256, decoded))
            enough = len(self._waiting) >= InputCache.BATCH_SIZE
        if enough:
            self.flush()

    def flush(self) -> None:
        """Write the waiting inputs; an error ends the caching, not the scan."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        # Other threads continue to decode meanwhile.
        with self._writing:
            try:
                for sha256, decoded in waiting:
                    self._inputs.add(sha256, decoded)
                self._inputs.flush()
            except OSError as error:
                log.info("decoded images are not kept", exc_info=error)
                self._failed = True


def input_of(pixels: NDArray[np.uint8], preprocessing: Preprocessing) -> Tensor:
    """Preprocess decoded pixels to uint8 [3, S, S], contiguous, as caches and runtimes need it."""
    # numpy needs a third of torch's time.
    return torch.from_numpy(np.ascontiguousarray(to_input(pixels, preprocessing).numpy()))


def _key(sha256: str) -> str:
    return f"{sha256}/{PLAIN.id}"
