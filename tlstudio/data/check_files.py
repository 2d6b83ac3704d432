"""Checks many files in threads: each becomes an image or a problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tlstudio.compute.read_ahead import map_ahead, plain_pool
from tlstudio.core.control import Control
from tlstudio.core.dataset import Image
from tlstudio.core.known_file import KnownFile
from tlstudio.core.types import ProblemFile
from tlstudio.data.decode import PixelSink, UnreadableImageError
from tlstudio.data.formats import READERS
from tlstudio.data.known_files import check_unless_known

AHEAD = 8
"""Files in flight for each thread."""


def check_files(
    root: Path,
    paths: Sequence[str],
    *,
    known: Mapping[str, KnownFile],
    control: Control,
    threads: int = 2,
    sink: PixelSink | None = None,
) -> Iterator[Image | ProblemFile]:
    """Check files and yield what each became, in the given order, holding few at a time.

    Args:
        root: Folder that the paths are relative to; absolute ones stay what they are.
        paths: Of the files, with `/`.
        known: What was read of them before, by path.
        control: Checked once per file.
        threads: Number of files decoded at the same time.
        sink: See `check_file`.

    Raises:
        Cancelled: The person cancelled.
    """
    READERS.walk()

    def check(path: str) -> Image | ProblemFile:
        control.check()
        try:
            sha256, image = check_unless_known(root / path, known.get(path), sink=sink)
        except UnreadableImageError as error:
            return ProblemFile(path=path, code=error.code, reason=error.reason, mend=error.mend)
        return Image(
            path=path,
            sha256=sha256,
            width=image.width,
            height=image.height,
            notes=image.notes,
            values=image.values,
        )

    make_pool = plain_pool if sink is None else sink.make_pool
    yield from map_ahead(
        check, paths, threads=threads, ahead=AHEAD * threads, name="checks of files", make_pool=make_pool
    )
