"""Files that were read before and look the same: they need not be read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tlstudio.core.known_file import KnownFile
from tlstudio.data.decode import PixelSink, check_file
from tlstudio.data.formats import CheckedImage


def check_unless_known(
    file: Path, known: KnownFile | None, *, sink: PixelSink | None = None
) -> tuple[str, CheckedImage]:
    """Check a file as `check_file` does, but do not read it when it looks as it did the last time.

    Args:
        file: The file.
        known: What was found in it the last time, if anything.
        sink: See `check_file`; it receives nothing of a known file.

    Raises:
        UnreadableImageError: It cannot be used.
    """
    if known is not None and stamp_of(file) == known.stamp:
        return known.sha256, CheckedImage(
            width=known.width, height=known.height, notes=known.notes, values=known.values
        )
    return check_file(file, sink=sink)


def stamp_of(file: Path) -> str | None:
    """Return a file's size and time of change as one text, to notice changes; None when it is missing."""
    try:
        status = file.stat()
    except OSError:
        return None
    return f"{status.st_size}:{status.st_mtime_ns}"


def stamps_of(root: Path, paths: Iterable[str], *, before_ns: int) -> Mapping[str, str]:
    """The stamps of files that have just been read, by path.

    Args:
        root: Folder that the paths are relative to; absolute ones stay what they are.
        paths: Of the files.
        before_ns: When reading began. A file that was changed later gets none: it may have
            been read half written.
    """
    stamps = {}
    for path in paths:
        stamp = stamp_of(root / path)
        if stamp is not None and int(stamp.partition(":")[2]) < before_ns:
            stamps[path] = stamp
    return stamps
