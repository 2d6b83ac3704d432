"""Keeps the looks of pictures on disk, by the content of their files; made when a photo is decoded."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlstudio.compute.process import usable_cores
from tlstudio.compute.read_ahead import map_ahead, plain_pool
from tlstudio.core.control import Control
from tlstudio.core.events import Emit, StageStarted
from tlstudio.core.progress import ThrottledProgress
from tlstudio.core.values import ValueWindow
from tlstudio.data.decode import UnreadableImageError, decode_bytes, read_file
from tlstudio.data.near.look import SIDE, LookFacts, look_of
from tlstudio.features.store import ActivationStore, open_store

log = logging.getLogger(__name__)

WRITTEN_AT_ONCE = 64
VERSION = 2
"""Raised when looks are made otherwise, so that older ones are not taken for them."""
STAGE = "looks"


class LookStore:
    """The looks that are kept: grey copies, and facts."""

    def __init__(self) -> None:
        about: dict[str, Any] = {"backbone": "looks", "version": VERSION}
        self._greys = open_store({**about, "stage": "grey"}, shape=(SIDE, SIDE), dtype=np.uint8)
        size = len(fields(LookFacts))
        self._facts = open_store({**about, "stage": "facts"}, shape=(size,), dtype=np.float32)

    def known(self) -> frozenset[str]:
        """The SHA-256 of files whose looks are kept, damaged or not."""
        return self._greys.keys() & self._facts.keys()

    def missing(self, hashes: Iterable[str]) -> set[str]:
        """Find out of which files no looks are kept, or damaged ones, by their SHA-256."""
        wanted = list(hashes)
        return {*self._greys.missing(wanted), *self._facts.missing(wanted)}

    def append(self, looks: Sequence[tuple[str, NDArray[np.uint8], LookFacts]]) -> None:
        """Keep the looks of files.

        Raises:
            OSError: The disk is full or not writable.
        """
        hashes = [sha256 for sha256, _, _ in looks]
        self._greys.append(hashes, [grey for _, grey, _ in looks])
        self._facts.append(hashes, [np.array(astuple(facts), dtype=np.float32) for _, _, facts in looks])

    def greys(self, hashes: Sequence[str]) -> NDArray[np.uint8]:
        """Grey copies [N, SIDE, SIDE] of files that are not missing."""
        return _read(self._greys, hashes)

    def facts(self, hashes: Sequence[str]) -> list[LookFacts]:
        """Facts of files that are not missing."""
        names = [field.name for field in fields(LookFacts)]
        rows = _read(self._facts, hashes).tolist()
        return [LookFacts(**dict(zip(names, row, strict=True))) for row in rows]


def _read(store: ActivationStore, hashes: Sequence[str]) -> NDArray[Any]:
    # Files are mostly asked for in the order in which they were written, so rows are read together.
    return store.read_rows(store.rows(hashes))


class LookWriter:
    """Keeps the looks of photos while a folder is scanned; see `PixelSink`."""

    make_pool = staticmethod(plain_pool)

    def __init__(self) -> None:
        self._store = LookStore()
        self._known = set(self._store.known())
        self._waiting: list[tuple[str, NDArray[np.uint8], LookFacts]] = []
        self._lock = threading.Lock()
        self._failed = False

    def wants(self, sha256: str) -> bool:
        """See `PixelSink`."""
        return not self._failed and sha256 not in self._known

    def receive(self, sha256: str, pixels: NDArray[np.uint8]) -> None:
        """See `PixelSink`."""
        look = (sha256, *look_of(pixels))
        with self._lock:
            self._known.add(sha256)
            self._waiting.append(look)
            enough = len(self._waiting) >= WRITTEN_AT_ONCE
        if enough:
            self.flush()

    def flush(self) -> None:
        """Write the waiting looks; an error ends the keeping, not the scan."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            try:
                if waiting and not self._failed:
                    self._store.append(waiting)
            except OSError as error:
                log.info("looks of images are not kept", exc_info=error)
                self._failed = True


def make_missing_looks(
    store: LookStore,
    files: Sequence[tuple[Path, str]],
    *,
    values: Sequence[ValueWindow] | None,
    run_id: str,
    emit: Emit,
    control: Control,
) -> None:
    """Make the looks of files that have none yet; a file that can no longer be read goes without.

    Args:
        store: Keeps them.
        files: Each with the SHA-256 that it must have.
        values: Windows of values for images with more than 8 bits.
        run_id: Written into events.
        emit: Receives progress, where there is something to do.
        control: Checked once per file.

    Raises:
        Cancelled: The person cancelled; what was made is kept.
    """
    missing = store.missing(dict.fromkeys(sha256 for _, sha256 in files))
    todo = list({sha256: file for file, sha256 in files if sha256 in missing}.items())
    if not todo:
        return
    emit(StageStarted(run_id=run_id, stage=STAGE, title="Noting what the images look like", total=len(todo)))
    progress = ThrottledProgress(len(todo), stage=STAGE, run_id=run_id, emit=emit)

    def make(item: tuple[str, Path]) -> tuple[str, NDArray[np.uint8], LookFacts] | None:
        sha256, file = item
        try:
            data = read_file(file)
            if hashlib.sha256(data).hexdigest() != sha256:
                return None  # changed: the next scan reads it
            return (sha256, *look_of(decode_bytes(data, name=file.name, values=values).pixels))
        except UnreadableImageError:
            return None

    threads = min(4, usable_cores())
    making = map_ahead(make, todo, threads=threads, ahead=2 * threads, name="looks", make_pool=plain_pool)
    made: list[tuple[str, NDArray[np.uint8], LookFacts]] = []
    try:
        with closing(making):
            for look in progress.passed(making):
                control.check()
                if look is not None:
                    made.append(look)
    finally:
        try:
            store.append(made)
        except OSError as error:
            log.info("looks of images are not kept", exc_info=error)
