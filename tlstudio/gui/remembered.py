"""What the window remembers of how a person uses it, such as which view of a page was open."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from tlstudio.core.files import settings_dir, write_json

log = logging.getLogger(__name__)


def remembered(name: str, *, default: str) -> str:
    """A remembered value; the default where there is none."""
    value = _read().get(name)
    return value if isinstance(value, str) else default


def remember(name: str, value: str) -> None:
    """Remember a value. It is a convenience: a settings folder that cannot be written is no error."""
    try:
        write_json(_file(), {**_read(), name: value})
    except OSError as error:
        log.warning("%s is not remembered: %s", name, error)


def _read() -> dict[str, Any]:
    try:
        values = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _file() -> Path:
    return settings_dir() / "remembered.json"
