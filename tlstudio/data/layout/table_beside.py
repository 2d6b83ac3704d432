"""Finds the table beside images that were scanned before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tlstudio.data.layout.recognise import recognise_layout
from tlstudio.data.tables.image_table import ImageTable, find_image_table
from tlstudio.data.tables.matching import ImageNames


def load_table(root: Path, paths: Sequence[str]) -> ImageTable | None:
    """The table beside the images, as a scan finds it; None where there is none that can be used."""
    parts = recognise_layout(paths).base.split("/") if paths else []
    folders = {"", *("/".join(parts[: length + 1]) for length in range(len(parts)) if parts[0])}
    files: list[str] = []
    for folder in folders:
        try:
            files += [file.relative_to(root).as_posix() for file in (root / folder).iterdir()]
        except OSError:
            continue
    return find_image_table(root, sorted(files), names=ImageNames(paths), folders=folders)[0]
