"""Removes the temporary files and folders of processes that were killed.

The name of a temporary file holds the computer and the process that made it, so that the next process that
writes the same file knows whether it is still needed.
"""

from __future__ import annotations

import logging
import os
import platform
import re
import shutil
import time
import zlib
from pathlib import Path

log = logging.getLogger(__name__)

NAME_LENGTH = 40
"""Characters of a file's name in the name of its temporary file."""
SUFFIX = ".tmp"
OLD_SECONDS = 24 * 3600
"""Older ones are left over, whoever made them: on another computer, or without a tag."""

_TAG = re.compile(r"\.([0-9a-f]{8})-([0-9]+)\.")


def process_tag() -> str:
    """Part of the name of this process's temporary files."""
    return f"{_computer()}-{os.getpid()}"


def remove_leftovers(path: Path) -> None:
    """Remove temporary files beside a file that killed writers of it left; ignored where that fails."""
    remove_old(path.parent, prefix=f".{path.name[:NAME_LENGTH]}.", suffix=SUFFIX)


def remove_old(folder: Path, *, prefix: str, suffix: str = "") -> None:
    """Remove temporary files and folders of processes that ended; ignored where that fails.

    Args:
        folder: Where they lie.
        prefix: Of their names, before the tag.
        suffix: Of their names.
    """
    try:
        with os.scandir(folder) as entries:
            found = [
                Path(entry.path)
                for entry in entries
                if entry.name.startswith(prefix) and entry.name.endswith(suffix)
            ]
    except OSError:
        return
    for place in found:
        try:
            if not _is_left_over(place):
                continue
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink()
        except OSError:
            log.info("%s could not be removed", place, exc_info=True)


def _is_left_over(place: Path) -> bool:
    tag = _TAG.search(place.name)
    # Windows has no way to ask for a process without the risk of ending it.
    if tag is not None and tag[1] == _computer() and os.name == "posix":
        return not _is_running(int(tag[2]))
    return time.time() - place.lstat().st_mtime > OLD_SECONDS


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _computer() -> str:
    return f"{zlib.crc32(platform.node().encode(errors='replace')):08x}"
