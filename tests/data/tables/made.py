"""Tables of images, written into a folder and opened again."""

from __future__ import annotations

from pathlib import Path

from tlstudio.data.tables.image_table import ImageTable, open_image_table
from tlstudio.data.tables.matching import ImageNames

PATHS = tuple(f"{name}.jpg" for name in "abcdefgh")


def table_of(folder: Path, text: str, paths: tuple[str, ...] = PATHS) -> ImageTable:
    """A table with this text, matched with these images."""
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    table = open_image_table(folder, "labels.csv", names=ImageNames(paths))
    assert table is not None
    return table


def rows(header: str, *columns: str) -> str:
    """The text of a table of the images `PATHS`, with a letter of each column for each image."""
    lines = [",".join([path, *fields]) for path, *fields in zip(PATHS, *columns, strict=True)]
    return "\n".join([header, *lines]) + "\n"
