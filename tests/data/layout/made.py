"""Paths of images in layouts of all kinds."""

from __future__ import annotations

from collections.abc import Iterable

CLASSES = ("cardboard", "glass", "metal")


def files(*folders: str, each: int = 3) -> list[str]:
    """Some images in each folder; the root is empty."""
    return [f"{folder}/{number}.jpg".lstrip("/") for folder in folders for number in range(each)]


def grid(*levels: Iterable[str]) -> list[str]:
    """Three images in each folder that the levels make."""
    folders = [""]
    for level in levels:
        folders = [f"{folder}/{name}".lstrip("/") for folder in folders for name in level]
    return files(*folders)
