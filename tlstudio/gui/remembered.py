"""Values that the window remembers of a person's use, such as which view of a page was open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tlstudio.core.conveniences import settings_if_possible
from tlstudio.core.files import settings_dir, write_json
from tlstudio.core.text_files import read_json_or_none


def remembered(name: str, *, default: str) -> str:
    """A remembered value; the default where there is none."""
    value = _read().get(name)
    return value if isinstance(value, str) else default


def remember(name: str, value: str) -> None:
    """Remember a value, where the settings folder can be written."""
    with settings_if_possible():
        write_json(_file(), {**_read(), name: value})


def _read() -> dict[str, Any]:
    values = read_json_or_none(_file())
    return values if isinstance(values, dict) else {}


def _file() -> Path:
    return settings_dir() / "remembered.json"
