"""Chooses the file for a table of predictions before work begins: the one requested, or one beside it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.errors import UserError
from tlstudio.core.leftovers import remove_leftovers
from tlstudio.core.tables import TableError, open_rows

FIRST_COLUMNS = ("path", "class", "probability")
ERROR_COLUMN = "error"
MOST_NAMES = 100

_CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY})


@dataclass(frozen=True, slots=True)
class TableTarget:
    """The file that a table is written to, with a note when it is not the requested one.

    Attributes:
        file: The file; it can be written.
        note: Why it is not the requested one; empty when it is.
    """

    file: Path
    note: str = ""


def choose_target(requested: Path, *, restart: bool = False) -> TableTarget:
    """Choose the file for a table.

    A file that cannot be written, because it is open in another program or is protected, is left alone, and
    so is one that is no table of predictions: the table gets a name beside it.

    Args:
        requested: The name that the person gave; its folder is made when missing.
        restart: Replace what the file holds, whatever it is.

    Raises:
        UserError: It is a folder.
        OSError: Nothing can be written there.
    """
    if requested.is_dir():
        example = requested / "predictions.csv"
        raise UserError(f"{requested} is a folder.", mend=f"Give the name of a file, for example {example}.")
    if requested.exists() and not requested.is_file():  # a device or a pipe, like /dev/stdout
        return TableTarget(requested)
    requested.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(requested)
    reason = ""
    for file in _names(requested):
        if not _can_be_written(file):
            reason = reason or "cannot be written: it is open in another program, or protected"
        elif not restart and not _may_be_continued(file):
            reason = reason or "holds something else than predictions"
        else:
            note = f"{requested} {reason}. The table is written to {file} instead." if reason else ""
            return TableTarget(file, note)
    raise UserError(
        f"{requested} {reason}, and so are {MOST_NAMES - 1} files beside it.", mend="Choose another name."
    )


def _names(requested: Path) -> Iterator[Path]:
    yield requested
    for number in range(2, MOST_NAMES + 1):
        yield requested.with_name(f"{requested.stem}-{number}{requested.suffix}")


def _can_be_written(file: Path) -> bool:
    """Try to open a file for writing, leaving everything as it is; the folder's own refusal is raised."""
    try:
        with file.open("r+b"):
            return True
    except FileNotFoundError:
        with file.open("xb"):
            pass
        file.unlink()
        return True
    except OSError as error:
        if error.errno not in _CLOSED:
            raise
        return False


def _may_be_continued(file: Path) -> bool:
    """Return whether a file is missing, empty, or begins like a table of predictions of any version."""
    if not file.exists() or not file.stat().st_size:
        return True
    try:
        with open_rows(file) as rows:
            columns = next(rows, [])
    except (TableError, UnicodeDecodeError):
        return False
    return tuple(columns[: len(FIRST_COLUMNS)]) == FIRST_COLUMNS and ERROR_COLUMN in columns
