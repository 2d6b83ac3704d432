"""Names of files and classes: compared, sorted and printed safely."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable

_HIDDEN = {
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin"),
    *("lost+found", "system volume information"),
}


def is_hidden(name: str) -> bool:
    """Whether a file or folder is a system's own: starts with a dot, Thumbs.db, __MACOSX and the like."""
    return name.startswith(".") or name.lower() in _HIDDEN


def printable(name: str) -> str:
    r"""The name with bytes that are no text written as `\xff`, so that it can be printed and stored."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def is_text(name: str) -> bool:
    """Whether a name is proper Unicode; some files of old archives have names in an unknown encoding."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key: capitals do not matter, and 10 comes after 9. Names alike in both keep a fixed order."""
    parts = re.split(r"([0-9]+)", unicodedata.normalize("NFC", name).casefold())
    numbered = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)
    return (numbered, name)


def class_names(folders: Iterable[str]) -> dict[str, str]:
    """The class of each folder: its name exactly as it is.

    Of folders whose names differ only in how accents are encoded, the first one gives the name to all.
    """
    first: dict[str, str] = {}
    return {
        folder: first.setdefault(unicodedata.normalize("NFC", folder), folder) for folder in sorted(folders)
    }
