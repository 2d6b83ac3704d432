"""Stores activations on disk, so that they are computed only once.

One folder holds the activations of one backbone, weights, stage, preprocessing and precision:

* `about.json`: what determines the activations, and shape and type of an entry;
* `data.bin`: entries of equal size, one after the other, only ever appended;
* `index.txt`: one line per entry, `KEY ROW CHECKSUM`, appended after the entry's data.

A kill can truncate only the last entry or the last line: a truncated entry has no line, and a truncated line
or a damaged entry fails its checksum and counts as missing. Entries are read, not memory-mapped: a file that
another program truncates raises an error instead of killing the process, and resident memory stays small. A
lock file beside the folder serialises writers.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import re
import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import DTypeLike, NDArray

from tlstudio.core.conveniences import working_cache_dir
from tlstudio.core.errors import UserError
from tlstudio.core.files import name_in_errors, write_json
from tlstudio.core.text_files import parse_json, read_text

log = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES = 10 * 10**9
RECENT_SECONDS = 15 * 60
"""A store used within this time may be in use by another process and is not evicted."""
VERIFIED_AT_ONCE = 256
"""Entries verified between two checks for commands."""


def activations_dir() -> Path:
    """Folder of all activation stores."""
    return working_cache_dir() / "activations"


class ActivationStore:
    """The cached activations of one feature extractor.

    Args:
        folder: Its folder; made when missing, emptied when its `about.json` differs.
        about: What determines the activations; plain JSON values.
        shape: Of one entry.
        dtype: Of one entry.
    """

    def __init__(
        self, folder: Path, *, about: Mapping[str, Any], shape: Sequence[int], dtype: DTypeLike
    ) -> None:
        self.folder = folder
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)
        self.entry_bytes = math.prod(self.shape) * self.dtype.itemsize
        self.about = dict(about)
        # As it is read from the file, where a tuple is a list.
        self._about = json.loads(json.dumps({**about, "shape": self.shape, "dtype": self.dtype.name}))
        self._lock = FileLock(folder.with_name(folder.name + ".lock"))
        self._rows: dict[str, tuple[int, int]] = {}
        self._verified: set[str] = set()
        self._indexed_bytes = 0
        folder.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._prepare()

    @property
    def data(self) -> Path:
        """File of the entries."""
        return self.folder / "data.bin"

    @property
    def index(self) -> Path:
        """File of the keys, rows and checksums."""
        return self.folder / "index.txt"

    @property
    def _used(self) -> Path:
        """Empty file whose time says when the store was last used."""
        return self.folder / "used"

    def _prepare(self) -> None:
        about = self.folder / "about.json"
        try:
            same = parse_json(read_text(about)) == self._about
        except (OSError, ValueError):
            same = False
        if not same:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            write_json(about, self._about)
        for file in (self.data, self.index, self._used):
            file.touch()

    def mark_used(self) -> None:
        """Record the time of use, which protects the store from being evicted.

        Raises:
            UserError: The store was deleted meanwhile.
        """
        with _expecting(self.folder):
            self._used.touch()

    def keys(self) -> frozenset[str]:
        """The keys that have an entry, damaged or not."""
        self._read_index()
        return frozenset(self._rows)

    def missing(self, keys: Iterable[str], *, between: Callable[[], object] = lambda: None) -> list[str]:
        """The keys that have no entry, or a damaged one; each entry is verified once per process.

        Args:
            keys: Keys to look up.
            between: Called after every `VERIFIED_AT_ONCE` keys; what it raises ends the search.

        Raises:
            UserError: The store was deleted meanwhile.
        """
        self._read_index()
        absent: list[str] = []
        with _expecting(self.data), self.data.open("rb") as file:
            for number, key in enumerate(dict.fromkeys(keys)):
                if number % VERIFIED_AT_ONCE == 0:
                    between()
                if key in self._verified:
                    continue
                row, checksum = self._rows.get(key, (-1, 0))
                file.seek(max(0, row) * self.entry_bytes)
                if row >= 0 and zlib.crc32(file.read(self.entry_bytes)) == checksum:
                    self._verified.add(key)
                else:
                    absent.append(key)
        return absent

    def read_verified(self, key: str) -> NDArray[Any] | None:
        """Read the entry of a key as a copy; None when it is missing or damaged.

        May be called from several threads.
        """
        row, checksum = self._rows.get(key, (-1, 0))
        if row < 0:
            return None
        out = np.empty(self.shape, dtype=self.dtype)
        try:
            with self.data.open("rb") as file:
                file.seek(row * self.entry_bytes)
                whole = file.readinto(out.data.cast("B")) == self.entry_bytes
        except OSError:
            return None
        return out if whole and zlib.crc32(out.data) == checksum else None

    def read(self, keys: Sequence[str]) -> NDArray[Any]:
        """Read the entries of keys that are not `missing`.

        Returns:
            [len(keys), *shape], a copy.

        Raises:
            UserError: They were deleted meanwhile.
        """
        out = np.empty((len(keys), *self.shape), dtype=self.dtype)
        with _expecting(self.data), self.data.open("rb") as file:
            for number, key in enumerate(keys):
                file.seek(self._rows[key][0] * self.entry_bytes)
                if file.readinto(memoryview(out[number]).cast("B")) != self.entry_bytes:
                    raise _cache_changed(self.data)
        return out

    def append(self, keys: Sequence[str], entries: Sequence[NDArray[Any]] | NDArray[Any]) -> None:
        """Append entries; keys that another process appended meanwhile are skipped.

        Args:
            keys: Without spaces or line ends.
            entries: [len(keys), *shape] of the store's type.

        Raises:
            OSError: The disk is full or not writable; nothing was added, and partly written data is removed.
        """
        blocks = [np.ascontiguousarray(entry, dtype=self.dtype).data.cast("B") for entry in entries]
        with self._lock, name_in_errors(self.data, needed_bytes=sum(map(len, blocks))):
            self._prepare()
            new = set(self.missing(keys))
            # A truncated entry at the end is overwritten: no line refers to it.
            row = self.data.stat().st_size // self.entry_bytes
            try:
                self._write(keys, blocks, new, row=row)
            except OSError:
                os.truncate(self.data, row * self.entry_bytes)
                raise
            self._read_index()

    def _write(self, keys: Sequence[str], blocks: Sequence[memoryview], new: set[str], *, row: int) -> None:
        """Write the blocks of new keys, beginning at a row, and then their lines of the index."""
        lines = []
        with self.data.open("r+b") as file:
            file.seek(row * self.entry_bytes)
            for key, block in zip(keys, blocks, strict=True):
                if key in new:
                    new.discard(key)
                    file.write(block)
                    lines.append(f"{key} {row} {zlib.crc32(block):08x}\n")
                    row += 1
            file.truncate()
        with self.index.open("r+b") as file:
            end = file.seek(0, 2)
            file.seek(max(0, end - 1))
            truncated = end > 0 and file.read(1) != b"\n"
            file.seek(end)
            file.write((("\n" if truncated else "") + "".join(lines)).encode())

    def _read_index(self) -> None:
        """Read the lines that were added since the last time; read all anew when the file became shorter."""
        size = self.index.stat().st_size if self.index.exists() else 0
        if size < self._indexed_bytes:
            self._rows, self._verified, self._indexed_bytes = {}, set(), 0
        if size == self._indexed_bytes:
            return
        with self.index.open("rb") as file:
            file.seek(self._indexed_bytes)
            text = file.read()
        complete = text[: text.rfind(b"\n") + 1]
        self._indexed_bytes += len(complete)
        for line in complete.decode(errors="replace").splitlines():
            key, _, rest = line.partition(" ")
            row, _, checksum = rest.partition(" ")
            if row.isdecimal() and re.fullmatch("[0-9a-f]{8}", checksum):
                self._rows[key] = (int(row), int(checksum, 16))
                self._verified.discard(key)

    def rows(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """The rows of the entries of keys that are not `missing`.

        Raises:
            UserError: They were deleted meanwhile.
        """
        with _expecting(self.data):
            return np.array([self._rows[key][0] for key in keys], dtype=np.int64)

    def read_rows(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Read entries by row; adjacent rows are read together."""
        out = np.empty((len(rows), *self.shape), dtype=self.dtype)
        with _expecting(self.data), self.data.open("rb") as file:
            read_runs(file, rows, out)
        return out


def read_runs(file: IO[bytes], rows: NDArray[np.int64], out: NDArray[Any]) -> None:
    """Read entries of equal size from a file, adjacent rows together.

    Args:
        file: Open for reading.
        rows: int64 [N].
        out: [N, …], contiguous; filled.

    Raises:
        UserError: The file was truncated meanwhile.
    """
    entry_bytes = math.prod(out.shape[1:]) * out.itemsize
    ends = [*(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)] if len(rows) else []
    start = 0
    for end in ends:
        file.seek(int(rows[start]) * entry_bytes)
        into = out[start:end].data.cast("B")
        if file.readinto(into) != len(into):  # type: ignore[attr-defined]
            raise _cache_changed(file.name)
        start = end


@contextmanager
def _expecting(place: Path) -> Iterator[None]:
    """Turn a missing file or key inside the block into a `UserError` about the cache."""
    try:
        yield
    except (KeyError, FileNotFoundError) as error:
        log.warning("the cache lost entries while it was in use", exc_info=error)
        raise _cache_changed(place) from error


def _cache_changed(place: Path | str) -> UserError:
    return UserError(
        f"The cache was emptied or changed while it was in use ({place}).",
        work="Everything saved before stays.",
        mend="Try again: what is gone is computed again.",
        goes_on=True,
    )


def open_store(
    about: Mapping[str, Any],
    *,
    shape: Sequence[int],
    dtype: DTypeLike,
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
) -> ActivationStore:
    """Open or make the store for what `about` says, and evict others that exceed the limit.

    Args:
        about: Everything that determines the activations; `backbone` and `stage` show in the folder's name.
        shape: Of one entry.
        dtype: Of one entry.
        limit_bytes: Size limit of all stores together.
    """
    root = activations_dir()
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", f"{about['backbone']}-{about['stage']}")[:80]
    store = ActivationStore(root / f"{name}-{digest}", about=about, shape=shape, dtype=dtype)
    evict(root, limit_bytes=limit_bytes)
    return store


def folder_bytes(folder: Path) -> int:
    """Total size of the files of a folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue  # another process deleted it meanwhile
    return total


def evict(root: Path, *, limit_bytes: int, recent_seconds: float = RECENT_SECONDS) -> list[Path]:
    """Delete whole stores, least recently used first, until the others fit into a limit.

    Args:
        root: Folder of stores.
        limit_bytes: Size limit of all stores together.
        recent_seconds: Stores used within this time are not deleted.

    Returns:
        The deleted folders.
    """
    stores = []
    for folder in root.iterdir() if root.is_dir() else ():
        mark = folder / "used"
        if folder.is_dir():
            stores.append((mark.stat().st_mtime if mark.exists() else 0.0, folder, folder_bytes(folder)))
    total, removed = sum(size for _, _, size in stores), []
    for used, folder, size in sorted(stores):
        if total <= limit_bytes or used > time.time() - recent_seconds:
            break
        try:
            with FileLock(folder.with_name(folder.name + ".lock"), timeout=0):
                shutil.rmtree(folder)
        except (Timeout, OSError):
            log.info("the store %s is in use and stays", folder)
            continue
        total -= size
        removed.append(folder)
    return removed
