"""Reads text and JSON that other programs or people may have saved."""

from __future__ import annotations

import codecs
import json
import sys
from pathlib import Path
from typing import Any

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(path: Path) -> str:
    """Read a text file in UTF-8, with or without a byte order mark, or in UTF-16 with one.

    Raises:
        OSError: It cannot be read.
        UnicodeDecodeError: It is not text, or in another encoding.
    """
    data = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding).replace("\r\n", "\n")


def read_json_or_none(path: Path) -> Any:
    """Read a JSON file; None where it is missing, cannot be read or is damaged."""
    try:
        return parse_json(read_text(path))
    except (OSError, ValueError):
        return None


def parse_json(text: str) -> Any:
    """Parse JSON that may be damaged or made by hand.

    Raises:
        ValueError: It is not JSON (a `JSONDecodeError` where a line can be named), nested without end, or it
            holds text that is no valid Unicode.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if "\\u" in text:
        # Halves of surrogates stand for bytes in names of files, and for nothing anywhere else.
        json.dumps(value, ensure_ascii=False).encode(errors=sys.getfilesystemencodeerrors())
    return value
