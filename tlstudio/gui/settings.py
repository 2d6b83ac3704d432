"""The few settings of the app: one small JSON file. The dialog is gui/dialogs/settings_dialog.py."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from tlstudio.core.conveniences import settings_if_possible
from tlstudio.core.files import settings_dir, write_json
from tlstudio.core.text_files import read_json_or_none
from tlstudio.gui.theme import Choice

TEXT_SCALES = {"Normal": 1.0, "Large": 1.15, "Larger": 1.3}
PROJECTS_VARIABLE = "TLSTUDIO_PROJECTS"
RUNTIME_VARIABLE = "TLSTUDIO_RUNTIME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of the app, as the person chose them.

    Attributes:
        appearance: System follows the desktop.
        text_scale: 1.0 is 13 pixels.
        threads: For training; None lets the engine take all.
        runtime: What computes the frozen stages; "auto" is what is fastest here, and so is None
            unless the environment names one.
        projects: Where new projects are made; None is the usual place.
    """

    appearance: Choice = "system"
    text_scale: float = 1.0
    threads: int | None = None
    runtime: str | None = None
    projects: str | None = None


def read_settings() -> Settings:
    """Read the settings file; a value that is missing, damaged or not allowed takes its default."""
    values = read_json_or_none(_file())
    if not isinstance(values, dict):
        return Settings()
    known = {field.name for field in fields(Settings)}
    return Settings(**{name: value for name, value in values.items() if name in known and _fits(name, value)})


def save_settings(settings: Settings) -> None:
    """Write the settings to disk, where their folder can be written."""
    with settings_if_possible():
        write_json(_file(), asdict(settings))


def use_settings(settings: Settings) -> None:
    """Apply the projects folder and the runtime to this process and to engines started from now on."""
    if settings.projects is not None:
        os.environ[PROJECTS_VARIABLE] = settings.projects
    if settings.runtime is not None:
        os.environ[RUNTIME_VARIABLE] = settings.runtime


def available_threads() -> int:
    """Count the threads that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def _file() -> Path:
    return settings_dir() / "settings.json"


def _fits(name: str, value: Any) -> bool:
    if name == "appearance":
        return value in ("system", "light", "dark")
    if name == "text_scale":
        return isinstance(value, int | float) and 0.8 <= value <= 2.0
    if name == "threads":
        return value is None or (isinstance(value, int) and 1 <= value <= 1024)
    return value is None or isinstance(value, str)
