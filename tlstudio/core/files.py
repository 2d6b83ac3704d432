"""Files that are either the old version or the new one, never half of it, and where ours lie."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs

APP = "tlstudio"


@contextmanager
def errors_name(path: Path) -> Iterator[None]:
    """Let an `OSError` about a temporary file or folder beside `path` name `path`, which the person knows.

    A full disk names no file by itself; `path` is then what did not fit.
    """
    try:
        yield
    except OSError as error:
        hidden = f"{path.absolute().parent}{os.sep}."  # so the names of temporary files and folders start
        full = error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or (error.filename is not None and str(error.filename).startswith(hidden)):
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Give a temporary name beside `path`; move it in place when the block ends well.

    The temporary file is flushed to the disk before the move, and removed if the block raises.

    Args:
        path: The file to write; its folder is made when missing.

    Raises:
        OSError: It cannot be written; names `path`, not the temporary file.
    """
    with errors_name(path), _temporary(path) as temporary:
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
    with atomic_path(path) as temporary:
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
