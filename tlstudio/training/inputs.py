"""Decoded and resized images on disk: a photo is decoded once in a project's life, however large it is.

What is kept is the input as the fixed preprocessing makes it, uint8 [3, S, S], before normalising; every
backbone with the same input size shares it. Reading it back gives the very bits that decoding gives.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from tlstudio.core.errors import is_disk_full
from tlstudio.core.types import Preprocessing
from tlstudio.training.cache import DEFAULT_LIMIT_BYTES, ActivationStore, open_store
from tlstudio.training.views import PLAIN

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
    """Which of some images were decoded before, and a place for those that are decoded now.

    Args:
        store: See `open_inputs`.
        hashes: SHA-256 of the images that will be asked for.
    """

    BATCH_SIZE = 16
    """Inputs that are written together."""

    def __init__(self, store: ActivationStore, hashes: Iterable[str]) -> None:
        self._store = store
        wanted = set(hashes)
        absent = set(store.missing(_key(sha256) for sha256 in wanted))
        self._known = {sha256 for sha256 in wanted if _key(sha256) not in absent}
        self._fresh: dict[str, Tensor] = {}
        self._full = False

    def __contains__(self, sha256: str | None) -> bool:
        return sha256 in self._known

    def read(self, sha256: str) -> Tensor:
        """The input of an image that is known: uint8 [3, S, S]."""
        return torch.from_numpy(self._store.read([_key(sha256)])[0])

    def add(self, sha256: str, decoded: Tensor) -> None:
        """Keep an input that was not known; a damaged file or a changed image must not be given."""
        if sha256 in self._known:
            return
        self._fresh[sha256] = decoded
        if len(self._fresh) >= self.BATCH_SIZE:
            self.flush()

    def flush(self) -> None:
        """Write what waits; on a full disk let it go: it only saves decoding the images once more."""
        if self._fresh and not self._full:
            keys = [_key(sha256) for sha256 in self._fresh]
            try:
                self._store.append(keys, torch.stack(list(self._fresh.values())).numpy())
            except OSError as error:
                if not is_disk_full(error):
                    raise
                log.info("the disk is full: decoded images are not kept", exc_info=error)
                self._full = True
        self._fresh.clear()


def _key(sha256: str) -> str:
    return f"{sha256}/{PLAIN.id}"
