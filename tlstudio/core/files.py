"""Files that are either the old version or the new one, never half of it, and where ours lie."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from tlstudio.core.errors import DiskFullError, is_disk_full

APP = "tlstudio"


@contextmanager
def errors_name(path: Path, *, needed_bytes: int | None = None) -> Iterator[None]:
    """Let an `OSError` about a temporary file or folder beside `path` name `path`, which the person knows.

    A full disk names no file by itself; `path` is then what did not fit.

    Args:
        path: What is written, as the person knows it.
        needed_bytes: Its size, when it is known beforehand.

    Raises:
        DiskFullError: The disk is full.
        OSError: Whatever else the block raised.
    """
    try:
        yield
    except DiskFullError:
        raise
    except OSError as error:
        hidden = f"{path.absolute().parent}{os.sep}."  # so the names of temporary files and folders start
        temporary = error.filename is not None and str(error.filename).startswith(hidden)
        if is_disk_full(error):
            place = str(path) if temporary or error.filename is None else str(error.filename)
            missing = _missing_bytes(path, needed_bytes)
            raise DiskFullError(error.errno or 0, place, missing_bytes=missing) from error
        if temporary:
            error.filename, error.filename2 = str(path), None
        raise


def _missing_bytes(path: Path, needed_bytes: int | None) -> int | None:
    """How much more room there would have to be; None when that cannot be told."""
    if needed_bytes is None:
        return None
    try:
        missing = needed_bytes - shutil.disk_usage(path.absolute().parent).free
    except OSError:
        return None
    return missing if missing > 0 else None  # a quota, or another program that freed its own meanwhile


@contextmanager
def atomic_path(path: Path, *, needed_bytes: int | None = None) -> Iterator[Path]:
    """Give a temporary name beside `path`; move it in place when the block ends well.

    The temporary file is flushed to the disk before the move, and removed if the block raises. A device or a
    pipe, like /dev/stdout, is no file to be replaced: it is given itself.

    Args:
        path: The file to write; its folder is made when missing.
        needed_bytes: Its size, when it is known beforehand; told when the disk is full.

    Raises:
        OSError: It cannot be written; names `path`, not the temporary file.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        with errors_name(path):
            yield path
        return
    with errors_name(path, needed_bytes=needed_bytes), _temporary(path) as temporary:
        yield temporary


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files private; a run folder is shared like any other document.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file in one piece."""
    with atomic_path(path, needed_bytes=len(data)) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text in one piece, line ends as given."""
    write_bytes(path, text.encode("utf-8", errors="surrogateescape"))


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON in one piece."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def cache_dir() -> Path:
    """Where things lie that can be made again; `TLSTUDIO_CACHE` overrides."""
    return Path(os.environ.get("TLSTUDIO_CACHE") or platformdirs.user_cache_path(APP))


def settings_dir() -> Path:
    """Where settings and the list of recent projects lie; `TLSTUDIO_SETTINGS` overrides."""
    return Path(os.environ.get("TLSTUDIO_SETTINGS") or platformdirs.user_config_path(APP))


def projects_dir() -> Path:
    """Where new projects are made; `TLSTUDIO_PROJECTS` overrides."""
    return Path(os.environ.get("TLSTUDIO_PROJECTS") or platformdirs.user_documents_path() / APP)


def resource(name: str) -> Path:
    """A file that ships with the app: `resources/NAME`, installed or in the source tree."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "resources" / name
    return installed if installed.exists() else package.parent / "resources" / name
