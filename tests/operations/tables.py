"""Tables of labels, as people write them, and what the labels of a test project are."""

from __future__ import annotations

import csv
from pathlib import Path

from tlstudio.project.store import Project


def write(file: Path, rows: list[tuple[str, ...]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with file.open("w", encoding=encoding, newline="") as opened:
        csv.writer(opened, delimiter=delimiter).writerows(rows)
    return file


def truth(project: Path) -> list[tuple[str, ...]]:
    """The class of each image by its folder."""
    with Project(project) as opened:
        return [(image.path, image.path.split("/")[0]) for image in opened.images()]
