"""Remembers whether the first lesson was left, and which runs it does not count any more."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tlstudio.core.files import settings_dir, write_json


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonMemory:
    """What is remembered of the lesson.

    Attributes:
        left: Whether the person left it.
        earlier_runs: Names of the runs that were there when it was started again.
        runs_when_mended: Names of the runs that were there when the last fault was mended; None before.
    """

    left: bool = False
    earlier_runs: tuple[str, ...] = ()
    runs_when_mended: tuple[str, ...] | None = None


def read_memory() -> LessonMemory:
    """Read what is remembered; nothing where the file is missing or damaged."""
    try:
        values = json.loads(_file().read_text(encoding="utf-8"))
        mended = values["runs_when_mended"]
        return LessonMemory(
            left=bool(values["left"]),
            earlier_runs=tuple(map(str, values["earlier_runs"])),
            runs_when_mended=None if mended is None else tuple(map(str, mended)),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return LessonMemory()


def save_memory(memory: LessonMemory) -> None:
    """Remember; where settings cannot be written it holds until the window is closed."""
    with suppress(OSError):
        write_json(_file(), asdict(memory))


def _file() -> Path:
    return settings_dir() / "lesson.json"
