"""Decoded and resized images on disk: a photo is decoded once in a project's life, however large it is.

What is kept is the input as the fixed preprocessing makes it, uint8 [3, S, S], before normalising; every
backbone with the same input size shares it. Reading it back gives the very bits that decoding gives.
"""

from __future__ import annotations

import logging
import threading

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tlstudio.core.errors import is_disk_full
from tlstudio.core.types import Preprocessing
from tlstudio.data.preprocessing import to_input
from tlstudio.features.store import DEFAULT_LIMIT_BYTES, ActivationStore, open_store
from tlstudio.features.views import PLAIN

log = logging.getLogger(__name__)


def open_inputs(preprocessing: Preprocessing, *, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> ActivationStore:
    """The store of inputs for one preprocessing.

    Args:
        preprocessing: Normalising comes later; the mean matters only where it fills the margin.
        limit_bytes: For all stores together.
    """
    size = preprocessing.input_size
    about = {
        "backbone": "inputs",
        "stage": "pixels",
        "input_size": size,
        "resize_size": preprocessing.resize_size if preprocessing.fit == "crop" else None,
        "interpolation": preprocessing.interpolation,
        "fit": preprocessing.fit,
        "margin": list(preprocessing.mean) if preprocessing.fit == "pad" else None,
    }
    return open_store(about, shape=(3, size, size), dtype=np.uint8, limit_bytes=limit_bytes)


class KnownInputs:
    """Inputs of images that were decoded before, and a place for those that are decoded now.

    Args:
        store: See `open_inputs`.
    """

    BATCH_SIZE = 16
    """Inputs that are written together."""

    def __init__(self, store: ActivationStore) -> None:
        self._store = store
        self._there = set(store.keys())
        self._fresh: dict[str, Tensor] = {}
        self._full = False

    def __contains__(self, sha256: str) -> bool:
        """Whether there is one, sound or not."""
        return _key(sha256) in self._there

    def read(self, sha256: str) -> Tensor | None:
        """The input of an image: uint8 [3, S, S]; None where it must be decoded.

        Looked at for damage only now, so that a large set is not read through before anything begins.
        """
        if sha256 not in self:
            return None
        kept = self._store.read_sound(_key(sha256))
        if kept is None:
            self._there.discard(_key(sha256))
            return None
        return torch.from_numpy(kept)

    def add(self, sha256: str, decoded: Tensor) -> None:
        """Keep an input that was not known; a damaged file or a changed image must not be given."""
        if sha256 in self:
            return
        self._fresh[sha256] = decoded
        if len(self._fresh) >= self.BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        """Write what waits; on a full disk let it go: it only saves decoding the images once more."""
        if self._fresh and not self._full:
            keys = [_key(sha256) for sha256 in self._fresh]
            try:
                self._store.append(keys, [decoded.numpy() for decoded in self._fresh.values()])
            except OSError as error:
                if not is_disk_full(error):
                    raise
                log.info("the disk is full: decoded images are not kept", exc_info=error)
                self._full = True
        self._fresh.clear()


class InputKeeper:
    """Makes inputs while a folder is read for the first time, so that each photo is decoded only once.

    Args:
        preprocessing: Of the classifier to be trained.
    """

    def __init__(self, preprocessing: Preprocessing) -> None:
        self._preprocessing = preprocessing
        self._inputs = KnownInputs(open_inputs(preprocessing))
        self._waiting: list[tuple[str, Tensor]] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._given_up = False

    def wants(self, sha256: str) -> bool:
        """See `PixelKeeper`. A damaged input is found, and made again, when it is needed."""
        return not self._given_up and sha256 not in self._inputs

    def keep(self, sha256: str, pixels: NDArray[np.uint8]) -> None:
        """See `PixelKeeper`."""
        decoded = input_of(pixels, self._preprocessing)
        with self._lock:
            self._waiting.append((sha256, decoded))
            enough = len(self._waiting) >= KnownInputs.BATCH_SIZE
        if enough:
            self.flush()

    def flush(self) -> None:
        """Write what waits; where that cannot be written, the training will say so, and not the scan."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        # Others go on decoding meanwhile.
        with self._writing:
            try:
                for sha256, decoded in waiting:
                    self._inputs.add(sha256, decoded)
                self._inputs.flush()
            except OSError as error:
                log.info("decoded images are not kept", exc_info=error)
                self._given_up = True


def input_of(pixels: NDArray[np.uint8], preprocessing: Preprocessing) -> Tensor:
    """uint8 [3, S, S] of decoded pixels, plane by plane, as caches and runtimes want it."""
    # numpy takes a third of torch's time for it.
    return torch.from_numpy(np.ascontiguousarray(to_input(pixels, preprocessing).numpy()))


def _key(sha256: str) -> str:
    return f"{sha256}/{PLAIN.id}"
