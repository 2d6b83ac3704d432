"""Writes the details of a fault of this program to a file that the person can send us."""

from __future__ import annotations

import tempfile
import traceback
from datetime import datetime
from pathlib import Path

from tlstudio import __version__
from tlstudio.core.files import settings_dir

LOG_FILE = "log.txt"
LOG_BYTES = 1_000_000
"""A longer file is put aside before more is written; one older file is kept."""


def log_file(folder: Path) -> Path:
    """The log in a folder, which is made when missing; a long one is put aside.

    Raises:
        OSError: The folder cannot be written.
    """
    file = folder / LOG_FILE
    folder.mkdir(parents=True, exist_ok=True)
    if file.exists() and file.stat().st_size > LOG_BYTES:
        file.replace(file.with_name("log-older.txt"))
    return file


def write_fault(error: BaseException, *, doing: str) -> Path | None:
    """Append the traceback of an error to the log.

    Args:
        error: What was raised.
        doing: What was being done.

    Returns:
        The file: in the settings folder, or where that cannot be written in the system's folder for temporary
        files; None where neither can be written.
    """
    lines = traceback.format_exception(error)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    text = f"{now} tlstudio {__version__}, {doing}\n{''.join(lines)}\n"
    for folder in (settings_dir(), Path(tempfile.gettempdir(), "tlstudio")):
        try:
            file = log_file(folder)
            with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(text)
        except OSError:
            continue
        return file
    return None


def where_to_look(file: Path | None) -> str:
    """The sentence that names the log."""
    return "Try again; if it comes back, send us " + (f"the log, {file}." if file else "this message.")
