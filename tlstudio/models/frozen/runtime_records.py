"""Stores what was measured about runtimes on this computer, beside the settings and not in the cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock

from tlstudio.core.conveniences import settings_if_possible
from tlstudio.core.files import settings_dir, write_json
from tlstudio.core.text_files import parse_json, read_text

MOST_ENTRIES = 500
"""Most entries of each kind; the oldest are removed first."""

Kind = Literal["choices", "agreements", "precisions"]


def records_file() -> Path:
    """Path of the file."""
    return settings_dir() / "runtimes.json"


def key_of(about: object) -> str:
    """Hash everything that a measurement depends on.

    Args:
        about: Plain JSON values.
    """
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()


def read_record(kind: Kind, key: str) -> dict[str, Any] | None:
    """The entry stored under a key; None when there is none or the file is damaged."""
    entry = _entries(kind).get(key)
    return entry if isinstance(entry, dict) else None


def write_record(kind: Kind, key: str, entry: Mapping[str, Any]) -> None:
    """Store an entry of plain JSON values under a key, where the settings folder can be written."""
    with settings_if_possible():
        _write_record(kind, key, entry)


def _write_record(kind: Kind, key: str, entry: Mapping[str, Any]) -> None:
    records_file().parent.mkdir(parents=True, exist_ok=True)
    with FileLock(records_file().with_name("runtimes.lock")):
        everything: dict[Kind, dict[str, Any]] = {name: _entries(name) for name in get_args(Kind)}
        everything[kind].pop(key, None)  # inserted again below, as the newest
        everything[kind][key] = dict(entry)
        for entries in everything.values():
            for oldest in list(entries)[:-MOST_ENTRIES]:
                del entries[oldest]
        write_json(records_file(), everything)


def _entries(kind: Kind) -> dict[str, Any]:
    try:
        entries = parse_json(read_text(records_file()))[kind]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return entries if isinstance(entries, dict) else {}
