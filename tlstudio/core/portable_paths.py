"""Paths in the files of a run: relative where run and images may be moved together."""

from __future__ import annotations

import os
from pathlib import Path


def portable_path(place: Path, *, base: Path) -> str:
    """A path to be written into a file.

    Args:
        place: Absolute.
        base: Absolute path of the folder that the file belongs to.

    Returns:
        Relative to `base`, with `/`, where both lie in one folder below the top of a drive; else absolute.
    """
    try:
        common = Path(os.path.commonpath([place, base]))
    except ValueError:  # on two drives
        return str(place)
    if common == Path(common.anchor):
        return str(place)
    return Path(os.path.relpath(place, base)).as_posix()


def resolved_path(text: str, *, base: Path) -> Path:
    """The path that `portable_path` wrote; an absolute one, as older versions wrote, is taken as it is."""
    # Not Path.resolve: the way back up is the one that was gone down, whatever links lie on it.
    return Path(os.path.normpath(base / text))
