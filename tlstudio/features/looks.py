"""Keeps the looks of pictures on disk, by the content of their files; made when a photo is decoded."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, astuple, fields
from functools import cached_property
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
VERSION = 3
"""Raised when looks are made otherwise, so that older ones are not taken for them."""
STAGE = "looks"


class LookStore:
    """The looks that are kept: grey copies, and facts.

    Looks of images with more than 8 bits depend on how their values are shown, so that those of each choice
    of windows are kept apart.

    Args:
        values: Windows of values for images with more than 8 bits; one without a window is scaled by itself.
    """

    def __init__(self, *, values: Sequence[ValueWindow] = ()) -> None:
        self.values = tuple(values)
        self._ordinary = _Looks({})

    @cached_property
    def _deep(self) -> _Looks:
        """Those of images with more than 8 bits; most data sets have none, and open no store for them."""
        return _Looks({"values": [asdict(window) for window in self.values]})

    def known(self) -> frozenset[str]:
        """The SHA-256 of ordinary files whose looks are kept, damaged or not."""
        return self._ordinary.greys.keys() & self._ordinary.facts.keys()

    def missing(self, hashes: Iterable[str]) -> set[str]:
        """Find out of which files no looks are kept, or damaged ones, by their SHA-256."""
        missing = self._ordinary.missing(hashes)
        return self._deep.missing(missing) if missing else missing

    def append(
        self, looks: Sequence[tuple[str, NDArray[np.uint8], LookFacts]], *, are_deep: bool = False
    ) -> None:
        """Keep the looks of files.

        Args:
            looks: SHA-256, grey copy and facts of each.
            are_deep: Whether these images have more than 8 bits.

        Raises:
            OSError: The disk is full or not writable.
        """
        if not looks:
            return
        kept = self._deep if are_deep else self._ordinary
        hashes = [sha256 for sha256, _, _ in looks]
        kept.greys.append(hashes, [grey for _, grey, _ in looks])
        kept.facts.append(hashes, [np.array(astuple(facts), dtype=np.float32) for _, _, facts in looks])

    def greys(self, hashes: Sequence[str]) -> NDArray[np.uint8]:
        """Grey copies [N, SIDE, SIDE] of files that are not missing."""
        return self._read(hashes, lambda looks: looks.greys)

    def facts(self, hashes: Sequence[str]) -> list[LookFacts]:
        """Facts of files that are not missing."""
        names = [field.name for field in fields(LookFacts)]
        rows = self._read(hashes, lambda looks: looks.facts).tolist()
        return [LookFacts(**dict(zip(names, row, strict=True))) for row in rows]

    def _read(self, hashes: Sequence[str], part: Callable[[_Looks], ActivationStore]) -> NDArray[Any]:
        # Files are mostly asked for in the order in which they were written, so rows are read together.
        deep = self._ordinary.missing(hashes)
        if not deep:
            return _rows(part(self._ordinary), hashes)
        is_deep = np.array([sha256 in deep for sha256 in hashes])
        of_deep = _rows(part(self._deep), [sha256 for sha256 in hashes if sha256 in deep])
        found = np.empty((len(hashes), *of_deep.shape[1:]), dtype=of_deep.dtype)
        found[is_deep] = of_deep
        found[~is_deep] = _rows(part(self._ordinary), [sha256 for sha256 in hashes if sha256 not in deep])
        return found


class _Looks:
    """The stores of looks of one kind.

    Args:
        about: What they depend on beside the content of the files.
    """

    def __init__(self, about: Mapping[str, Any]) -> None:
        every = {"backbone": "looks", "version": VERSION, **about}
        self.greys = open_store({**every, "stage": "grey"}, shape=(SIDE, SIDE), dtype=np.uint8)
        size = len(fields(LookFacts))
        self.facts = open_store({**every, "stage": "facts"}, shape=(size,), dtype=np.float32)

    def missing(self, hashes: Iterable[str]) -> set[str]:
        wanted = list(hashes)
        return {*self.greys.missing(wanted), *self.facts.missing(wanted)}


def _rows(store: ActivationStore, hashes: Sequence[str]) -> NDArray[Any]:
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
    run_id: str,
    emit: Emit,
    control: Control,
) -> None:
    """Make the looks of files that have none yet; a file that can no longer be read goes without.

    Args:
        store: Keeps them.
        files: Each with the SHA-256 that it must have.
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

    def make(item: tuple[str, Path]) -> tuple[bool, tuple[str, NDArray[np.uint8], LookFacts]] | None:
        sha256, file = item
        try:
            data = read_file(file)
            if hashlib.sha256(data).hexdigest() != sha256:
                return None  # changed: the next scan reads it
            deep: list[str] = []
            decoded = decode_bytes(data, name=file.name, on_unseen=deep.append)
            if deep and store.values:
                decoded = decode_bytes(data, name=file.name, values=store.values)
            return bool(deep), (sha256, *look_of(decoded.pixels))
        except UnreadableImageError:
            return None

    threads = min(4, usable_cores())
    making = map_ahead(make, todo, threads=threads, ahead=2 * threads, name="looks", make_pool=plain_pool)
    made: list[tuple[bool, tuple[str, NDArray[np.uint8], LookFacts]]] = []
    try:
        with closing(making):
            for look in progress.passed(making):
                control.check()
                if look is not None:
                    made.append(look)
    finally:
        try:
            for are_deep in (False, True):
                store.append([look for is_deep, look in made if is_deep == are_deep], are_deep=are_deep)
        except OSError as error:
            log.info("looks of images are not kept", exc_info=error)
