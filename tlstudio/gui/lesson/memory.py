"""Remembers whether the first lesson was left, and which runs it does not count any more."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from tlstudio.core.conveniences import settings_if_possible
from tlstudio.core.files import settings_dir, write_json
from tlstudio.core.text_files import parse_json, read_text
from tlstudio.core.typed_values import read_dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonMemory:
    """Facts about the lesson that are remembered when the window is closed.

    Attributes:
        left: Whether the person left it.
        earlier_runs: Names of the runs that were there when it was started again.
        runs_when_mended: Names of the runs that were there when the last fault was mended; None before.
    """

    left: bool = False
    earlier_runs: tuple[str, ...] = ()
    runs_when_mended: tuple[str, ...] | None = None


def read_memory() -> LessonMemory:
    """Read the remembered facts; those of a new lesson where the file is missing or damaged."""
    try:
        return read_dataclass(LessonMemory, parse_json(read_text(_file())))
    except (OSError, ValueError):
        return LessonMemory()


def save_memory(memory: LessonMemory) -> None:
    """Remember these facts; where settings cannot be written, only until the window is closed."""
    with settings_if_possible():
        write_json(_file(), asdict(memory))


def _file() -> Path:
    return settings_dir() / "lesson.json"
