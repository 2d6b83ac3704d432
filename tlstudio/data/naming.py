"""Compares, sorts and prints names of files and classes safely."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence

from tlstudio.core.wording import count

_HIDDEN = {
    *("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin"),
    *("lost+found", "system volume information"),
}


def is_hidden(name: str) -> bool:
    """Return whether a name is hidden or the system's own: .name, Thumbs.db, __MACOSX and the like."""
    return name.startswith(".") or name.lower() in _HIDDEN


def printable(name: str) -> str:
    r"""Escape bytes of a name that are not valid text as `\xff`, so that it can be printed and stored."""
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def is_text(name: str) -> bool:
    """Return whether a name is valid Unicode; old archives may hold names in an unknown encoding."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key that ignores case and puts 10 after 9; names that still compare equal keep a fixed order."""
    parts = re.split(r"([0-9]+)", unicodedata.normalize("NFC", name).casefold())
    numbered = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)
    return (numbered, name)


def same_name(name: str) -> str:
    """Return a name in the form that ignores capitals and how accents are encoded."""
    return unicodedata.normalize("NFC", name).casefold()


def listed(names: Sequence[str], *, most: int = 6) -> str:
    """Names in a sentence: "a, b and c"; of more than `most`, the first few and their number."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} … ({len(names)} in all)"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def hidden_sentence(number: int) -> str:
    """The sentence about hidden files that were passed over; the same wherever folders are read."""
    files = count(number, "hidden file is", plural="hidden files are")
    return f"{files} passed over (names with a dot in front, Thumbs.db and the like)."


def class_names(folders: Iterable[str]) -> dict[str, str]:
    """Map each class folder to its class, named exactly as the folder.

    Folders whose names differ only in how accents are encoded are one class, named as the first of them.
    """
    first: dict[str, str] = {}
    return {
        folder: first.setdefault(unicodedata.normalize("NFC", folder), folder) for folder in sorted(folders)
    }
