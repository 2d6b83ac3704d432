"""The list of recent projects, a small JSON file in the settings folder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tlstudio.core.files import settings_dir, write_json

MAX_ENTRIES = 12


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
    """Read the list, newest first; projects whose folder is missing are left out, a damaged list is empty."""
    try:
        values = json.loads(_file().read_text(encoding="utf-8"))
        entries = [_entry(value) for value in values]
    except (OSError, ValueError, TypeError):
        return []
    return [entry for entry in entries if Path(entry.folder).is_dir()]


def remember_project(entry: RecentProject) -> None:
    """Put a project at the top of the list."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    others = [other for other in recent_projects() if other.folder != entry.folder]
    values = [{**asdict(entry), "opened": now}, *map(asdict, others)]
    write_json(_file(), values[:MAX_ENTRIES])


def _entry(value: dict[str, object]) -> RecentProject:
    entry = RecentProject(**value)  # type: ignore[arg-type]  # checked by the TypeError of a wrong name
    interval = entry.best_interval
    return entry if interval is None else RecentProject(**{**asdict(entry), "best_interval": tuple(interval)})


def _file() -> Path:
    return settings_dir() / "recent.json"
