"""The list of recent projects, a small JSON file in the settings folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tlstudio.core.conveniences import settings_if_possible
from tlstudio.core.files import settings_dir, write_json
from tlstudio.core.text_files import parse_json, read_text
from tlstudio.core.typed_values import read_value

MAX_ENTRIES = 1000
"""Most projects in the list, more than a person has, to bound the size of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentProject:
    """One entry of the list of recent projects.

    Attributes:
        name: Name shown to the person.
        folder: Folder of the project.
        images: Number of images when it was last open.
        best: Best test or validation accuracy as a fraction, None before the first run.
        best_interval: Its 95 % interval.
        opened: ISO 8601, UTC.
    """

    name: str
    folder: str
    images: int
    best: float | None = None
    best_interval: tuple[float, float] | None = None
    opened: str = ""


def recent_projects() -> list[RecentProject]:
    """Read the list, newest first; a damaged list is empty.

    The folder of a project may be missing, for example because its drive is not plugged in.
    """
    try:
        entries: tuple[RecentProject, ...] = read_value(
            tuple[RecentProject, ...], parse_json(read_text(_file()))
        )
    except (OSError, ValueError):
        return []
    return list(entries)


def remember_project(entry: RecentProject) -> None:
    """Put a project at the top of the list, where the settings folder can be written."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    _write([replace(entry, opened=now), *_others(entry.folder)])


def forget_project(folder: str) -> None:
    """Take a project off the list; its folder stays as it is."""
    _write(_others(folder))


def rename_recent_project(folder: str, *, name: str) -> None:
    """Change the name that the list shows for a project; its place in the list stays."""
    _write([replace(entry, name=name) if entry.folder == folder else entry for entry in recent_projects()])


def _others(folder: str) -> list[RecentProject]:
    return [entry for entry in recent_projects() if entry.folder != folder]


def _write(entries: Sequence[RecentProject]) -> None:
    with settings_if_possible():
        write_json(_file(), [asdict(entry) for entry in entries[:MAX_ENTRIES]])


def _file() -> Path:
    return settings_dir() / "recent.json"
