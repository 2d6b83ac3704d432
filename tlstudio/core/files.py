"""Atomic writing of files, and the folders for cache, settings and projects."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

from tlstudio.core.errors import DiskFullError, is_disk_full
from tlstudio.core.leftovers import NAME_LENGTH, SUFFIX, process_tag, remove_leftovers

APP = "tlstudio"
OWN_PREFIX = f".{APP}"
"""Beginning of the names of this app's files in a folder of images; they do not count as hidden files."""

CACHE_VARIABLE = "TLSTUDIO_CACHE"
SETTINGS_VARIABLE = "TLSTUDIO_SETTINGS"


@contextmanager
def name_in_errors(path: Path, *, needed_bytes: int | None = None) -> Iterator[None]:
    """Make an `OSError` about a temporary file beside `path` name `path` instead, which people know.

    Errors about a full disk name no file; they then name `path` too.

    Args:
        path: The file or folder that is written.
        needed_bytes: Its size, when it is known beforehand.

    Raises:
        DiskFullError: The disk is full.
        OSError: Any other error of the block.
    """
    try:
        yield
    except DiskFullError:
        raise
    except OSError as error:
        hidden = f"{path.absolute().parent}{os.sep}."  # prefix of temporary files and folders
        temporary = error.filename is not None and str(error.filename).startswith(hidden)
        if is_disk_full(error):
            place = str(path) if temporary or error.filename is None else str(error.filename)
            missing = _missing_bytes(path, needed_bytes)
            raise DiskFullError(error.errno or 0, place, missing_bytes=missing) from error
        if temporary:
            error.filename, error.filename2 = str(path), None
        raise


def _missing_bytes(path: Path, needed_bytes: int | None) -> int | None:
    """Compute how many bytes are missing on the disk; None when that is unknown or enough are free."""
    if needed_bytes is None:
        return None
    try:
        missing = needed_bytes - shutil.disk_usage(path.absolute().parent).free
    except OSError:
        return None
    return missing if missing > 0 else None  # it was a quota, or another program freed space meanwhile


@contextmanager
def atomic_path(path: Path, *, needed_bytes: int | None = None) -> Iterator[Path]:
    """Yield a temporary file beside `path`, and move it in place when the block ends without an error.

    The temporary file is flushed to the disk before the move, and removed if the block raises. A device or a
    pipe, like /dev/stdout, cannot be replaced: it is yielded itself.

    Args:
        path: The file to write; its folder is made when missing.
        needed_bytes: Its size, when it is known beforehand; used in the error when the disk is full.

    Raises:
        OSError: It cannot be written; names `path`, not the temporary file.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        with name_in_errors(path):
            yield path
        return
    with name_in_errors(path, needed_bytes=needed_bytes), _temporary(path) as temporary:
        yield temporary


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    prefix = f".{path.name[:NAME_LENGTH]}."
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{prefix}{process_tag()}.", suffix=SUFFIX)
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
    """Write a file atomically."""
    with atomic_path(path, needed_bytes=len(data)) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically, with its line ends as they are."""
    write_bytes(path, text.encode("utf-8", errors=sys.getfilesystemencodeerrors()))


def write_json(path: Path, value: Any) -> None:
    """Write indented JSON atomically; names that are no valid text are escaped, so that it stays UTF-8."""
    try:
        data = json.dumps(value, indent=2, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        data = json.dumps(value, indent=2, ensure_ascii=True).encode()
    write_bytes(path, data + b"\n")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits; reads 1 MiB at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def digest_of(place: Path) -> str:
    """SHA-256 of a file's bytes, or of the names and bytes of all files in a folder, as 64 hex digits."""
    if not place.is_dir():
        return sha256_of(place)
    digest = hashlib.sha256()
    for file in sorted(file for file in place.rglob("*") if file.is_file()):
        name = file.relative_to(place).as_posix()
        digest.update(f"{name}\0{sha256_of(file)}\n".encode(errors="surrogatepass"))
    return digest.hexdigest()


def cache_dir() -> Path:
    """Folder of data that can be computed again; `TLSTUDIO_CACHE` overrides."""
    return Path(os.environ.get(CACHE_VARIABLE) or platformdirs.user_cache_path(APP))


def settings_dir() -> Path:
    """Folder of the settings and the list of recent projects; `TLSTUDIO_SETTINGS` overrides."""
    return Path(os.environ.get(SETTINGS_VARIABLE) or platformdirs.user_config_path(APP))


def projects_dir() -> Path:
    """Folder in which new projects are made; `TLSTUDIO_PROJECTS` overrides."""
    return Path(os.environ.get("TLSTUDIO_PROJECTS") or platformdirs.user_documents_path() / APP)


def resource(name: str) -> Path:
    """Path of a file that comes with the app: `resources/NAME`, installed or in the source tree."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "resources" / name
    return installed if installed.exists() else package.parent / "resources" / name


def document(name: str) -> Path:
    """Path of a page that the app shows: `docs/NAME`, or its copy among the resources where installed."""
    installed = resource(name)
    return installed if installed.exists() else Path(__file__).resolve().parents[2] / "docs" / name
