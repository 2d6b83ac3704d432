"""Reads the values of flags; an empty one, as of a variable that is not set, is refused.

An empty path would be the current folder, and an empty list everything.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def given_text(text: str) -> str:
    """A text that is not empty.

    Raises:
        ArgumentTypeError: It is.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def given_path(text: str) -> Path:
    """The path of a file or folder.

    Raises:
        ArgumentTypeError: It is empty.
    """
    return Path(given_text(text))


def given_whole(text: str) -> int:
    """A whole number.

    Raises:
        ArgumentTypeError: It is none.
    """
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no whole number") from None


def given_number(text: str) -> float:
    """A number, with a point where it has decimals.

    Raises:
        ArgumentTypeError: It is none.
    """
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is no number, such as 0.2") from None


def given_names(text: str) -> tuple[str, ...]:
    """Names with commas between them, each once.

    Raises:
        ArgumentTypeError: There is none.
    """
    names = (name.strip() for name in text.split(","))
    found = tuple(dict.fromkeys(name for name in names if name))
    given_text("".join(found))
    return found
