"""Activations on disk: what the frozen side computed once is never computed again.

One folder holds the activations of one backbone, weights, stage, preprocessing and precision:

* `about.json`: what the folder is for, and shape and type of an entry;
* `data.bin`: entries of equal size, one after the other, only ever appended;
* `index.txt`: one line per entry, `KEY ROW CHECKSUM`, appended after the entry's data.

A kill can tear only the last entry or the last line: a torn entry has no line, and a torn line or a damaged
entry fails its checksum and counts as missing. Entries are read into memory of the process instead of being
mapped, so that a file that is cut short by another program is an error and not the end of the process, and
resident memory stays flat. A lock beside the folder keeps two writers apart.
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

from tlstudio.core.errors import UserError
from tlstudio.core.files import cache_dir, name_in_errors, write_json

log = logging.getLogger(__name__)

DEFAULT_LIMIT_BYTES = 10 * 10**9
RECENT_SECONDS = 15 * 60
"""A folder used this short a time ago may be in use by another process and is not evicted."""
LOOKED_AT_ONCE = 256
"""Entries that are verified before whoever waits is asked whether to go on."""


def activations_dir() -> Path:
    """Where all activation folders lie."""
    return cache_dir() / "activations"


class ActivationStore:
    """The activations of one frozen side.

    Args:
        folder: Its folder; made when missing, emptied when it holds something else.
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
        # As it comes back from the file, where a tuple is a list.
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
        """The entries."""
        return self.folder / "data.bin"

    @property
    def index(self) -> Path:
        """The keys, rows and checksums."""
        return self.folder / "index.txt"

    @property
    def _used(self) -> Path:
        """Touched when it was used."""
        return self.folder / "used"

    def _prepare(self) -> None:
        about = self.folder / "about.json"
        try:
            same = json.loads(about.read_text(encoding="utf-8")) == self._about
        except (OSError, ValueError):
            same = False
        if not same:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            write_json(about, self._about)
        for file in (self.data, self.index, self._used):
            file.touch()

    def mark_used(self) -> None:
        """Keep it from being evicted for a while.

        Raises:
            UserError: It was taken away meanwhile.
        """
        with _still_there(self.folder):
            self._used.touch()

    def keys(self) -> frozenset[str]:
        """The keys that have an entry, sound or not."""
        self._read_index()
        return frozenset(self._rows)

    def missing(self, keys: Iterable[str], *, between: Callable[[], object] = lambda: None) -> list[str]:
        """Which of the keys have no entry, or a damaged one; each entry is verified once per process.

        Args:
            keys: Many take a while.
            between: Called every so often; what it raises ends the looking.

        Raises:
            UserError: The folder was taken away meanwhile.
        """
        self._read_index()
        absent: list[str] = []
        with _still_there(self.data), self.data.open("rb") as file:
            for number, key in enumerate(dict.fromkeys(keys)):
                if number % LOOKED_AT_ONCE == 0:
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

    def read_sound(self, key: str) -> NDArray[Any] | None:
        """The entry of a key, the caller's own copy; None when there is none, or it is damaged or gone.

        Several threads may call it at once.
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
        """The entries of keys that `missing` found to be there.

        Returns:
            [len(keys), *shape], the caller's own copy.

        Raises:
            UserError: They were taken away meanwhile.
        """
        out = np.empty((len(keys), *self.shape), dtype=self.dtype)
        with _still_there(self.data), self.data.open("rb") as file:
            for number, key in enumerate(keys):
                file.seek(self._rows[key][0] * self.entry_bytes)
                if file.readinto(memoryview(out[number]).cast("B")) != self.entry_bytes:
                    raise _taken_away(self.data)
        return out

    def append(self, keys: Sequence[str], entries: Sequence[NDArray[Any]] | NDArray[Any]) -> None:
        """Add entries; those that another process added meanwhile, and are sound, are left as they are.

        Args:
            keys: Without spaces or line ends.
            entries: [len(keys), *shape] of the store's type.

        Raises:
            OSError: The disk is full or not writable; nothing was added, and what did not fit takes no room.
        """
        blocks = [np.ascontiguousarray(entry, dtype=self.dtype).data.cast("B") for entry in entries]
        with self._lock, name_in_errors(self.data, needed_bytes=sum(map(len, blocks))):
            self._prepare()
            fresh = set(self.missing(keys))
            # A torn entry at the end is written over: no line points to it.
            row = self.data.stat().st_size // self.entry_bytes
            try:
                self._write(keys, blocks, fresh, row=row)
            except OSError:
                os.truncate(self.data, row * self.entry_bytes)
                raise
            self._read_index()

    def _write(self, keys: Sequence[str], blocks: Sequence[memoryview], fresh: set[str], *, row: int) -> None:
        """Write those blocks whose keys are fresh from a row on, and then their lines."""
        lines = []
        with self.data.open("r+b") as file:
            file.seek(row * self.entry_bytes)
            for key, block in zip(keys, blocks, strict=True):
                if key in fresh:
                    fresh.discard(key)
                    file.write(block)
                    lines.append(f"{key} {row} {zlib.crc32(block):08x}\n")
                    row += 1
            file.truncate()
        with self.index.open("r+b") as file:
            end = file.seek(0, 2)
            file.seek(max(0, end - 1))
            torn = end > 0 and file.read(1) != b"\n"
            file.seek(end)
            file.write((("\n" if torn else "") + "".join(lines)).encode())

    def _read_index(self) -> None:
        """Take in the lines that were added since; start anew when the file is another, shorter one."""
        size = self.index.stat().st_size if self.index.exists() else 0
        if size < self._indexed_bytes:
            self._rows, self._verified, self._indexed_bytes = {}, set(), 0
        if size == self._indexed_bytes:
            return
        with self.index.open("rb") as file:
            file.seek(self._indexed_bytes)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._indexed_bytes += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            key, _, rest = line.partition(" ")
            row, _, checksum = rest.partition(" ")
            if row.isdecimal() and re.fullmatch("[0-9a-f]{8}", checksum):
                self._rows[key] = (int(row), int(checksum, 16))
                self._verified.discard(key)

    def rows(self, keys: Sequence[str]) -> NDArray[np.int64]:
        """Where the entries of keys lie that `missing` found to be there.

        Raises:
            UserError: They were taken away meanwhile.
        """
        with _still_there(self.data):
            return np.array([self._rows[key][0] for key in keys], dtype=np.int64)

    def read_rows(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """As `read`, by row; neighbours are read in one go."""
        out = np.empty((len(rows), *self.shape), dtype=self.dtype)
        with _still_there(self.data), self.data.open("rb") as file:
            read_runs(file, rows, out)
        return out


def read_runs(file: IO[bytes], rows: NDArray[np.int64], out: NDArray[Any]) -> None:
    """Read entries of a file of equal entries, neighbours in one go.

    Args:
        file: Open for reading.
        rows: int64 [N].
        out: [N, …], contiguous; filled.

    Raises:
        UserError: The file was cut short.
    """
    entry_bytes = math.prod(out.shape[1:]) * out.itemsize
    ends = [*(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)] if len(rows) else []
    start = 0
    for end in ends:
        file.seek(int(rows[start]) * entry_bytes)
        into = out[start:end].data.cast("B")
        if file.readinto(into) != len(into):  # type: ignore[attr-defined]
            raise _taken_away(file.name)
        start = end


@contextmanager
def _still_there(place: Path) -> Iterator[None]:
    """What was there before is expected to be there in the block."""
    try:
        yield
    except (KeyError, FileNotFoundError) as error:
        log.warning("the cache lacks what was there before", exc_info=error)
        raise _taken_away(place) from error


def _taken_away(place: Path | str) -> UserError:
    return UserError(
        f"The cache was emptied or changed while it was in use ({place}).",
        work="Everything saved before stays.",
        mend="Go on with --resume, or by pressing Resume: what is gone is computed again.",
    )


def open_store(
    about: Mapping[str, Any],
    *,
    shape: Sequence[int],
    dtype: DTypeLike,
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
) -> ActivationStore:
    """The store for what `about` says, marked as used now; least recently used others make room.

    Args:
        about: Everything that determines the activations; `backbone` and `stage` show in the folder's name.
        shape: Of one entry.
        dtype: Of one entry.
        limit_bytes: For all stores together.
    """
    root = activations_dir()
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", f"{about['backbone']}-{about['stage']}")[:80]
    store = ActivationStore(root / f"{name}-{digest}", about=about, shape=shape, dtype=dtype)
    evict(root, limit_bytes=limit_bytes)
    return store


def folder_bytes(folder: Path) -> int:
    """Size of the files of a folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue  # another process took it away meanwhile
    return total


def evict(root: Path, *, limit_bytes: int, recent_seconds: float = RECENT_SECONDS) -> list[Path]:
    """Remove whole stores, least recently used first, until the rest fits.

    Args:
        root: Folder of stores.
        limit_bytes: What may stay.
        recent_seconds: Stores used within this time stay in any case.

    Returns:
        The folders that were removed.
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
