"""What this computer has found out about runtimes, kept beside the settings: clearing the cache spares it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock

from tlstudio.core.files import settings_dir, write_json

REMEMBERED = 500
"""Entries of each kind; the oldest are forgotten first."""

Kind = Literal["choices", "agreements", "precisions"]


def memory_file() -> Path:
    """Where it is kept."""
    return settings_dir() / "runtimes.json"


def key_of(about: object) -> str:
    """The key of what was found out about something.

    Args:
        about: All that it depends on; plain JSON values.
    """
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def recall(kind: Kind, key: str) -> dict[str, Any] | None:
    """What was remembered under a key; None when nothing was, or the file is damaged."""
    entry = _entries(kind).get(key)
    return entry if isinstance(entry, dict) else None


def remember(kind: Kind, key: str, entry: Mapping[str, Any]) -> None:
    """Keep plain JSON values under a key."""
    memory_file().parent.mkdir(parents=True, exist_ok=True)
    with FileLock(memory_file().with_name("runtimes.lock")):
        everything: dict[Kind, dict[str, Any]] = {name: _entries(name) for name in get_args(Kind)}
        everything[kind].pop(key, None)  # so that it counts as the newest
        everything[kind][key] = dict(entry)
        for entries in everything.values():
            for oldest in list(entries)[:-REMEMBERED]:
                del entries[oldest]
        write_json(memory_file(), everything)


def _entries(kind: Kind) -> dict[str, Any]:
    try:
        entries = json.loads(memory_file().read_text(encoding="utf-8"))[kind]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return entries if isinstance(entries, dict) else {}
