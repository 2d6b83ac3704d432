"""The list of recent projects, a small JSON file in the settings folder."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tlstudio.core.conveniences import settings_if_possible
from tlstudio.core.files import settings_dir, write_json
from tlstudio.core.text_files import parse_json, read_text
from tlstudio.core.typed_values import read_value

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
        entries: tuple[RecentProject, ...] = read_value(
            tuple[RecentProject, ...], parse_json(read_text(_file()))
        )
    except (OSError, ValueError):
        return []
    return [entry for entry in entries if Path(entry.folder).is_dir()]


def remember_project(entry: RecentProject) -> None:
    """Put a project at the top of the list, where the settings folder can be written."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    others = [other for other in recent_projects() if other.folder != entry.folder]
    values = [{**asdict(entry), "opened": now}, *map(asdict, others)]
    with settings_if_possible():
        write_json(_file(), values[:MAX_ENTRIES])


def _file() -> Path:
    return settings_dir() / "recent.json"
