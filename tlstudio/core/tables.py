"""Writes and reads CSV tables in which every text survives, whatever characters a file name holds.

Every table of the project goes through here; only the sample program of a portable export, which has to do
without tlstudio, writes its own.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

QUOTED = frozenset(',"\r\n')
"""Characters that end a field or a line. Where lines end in a line feed alone, csv of older Pythons
leaves a carriage return unquoted, and then cannot read its own table."""

BYTE_ORDER_MARK = "\ufeff"
"""Character that, put first, shows spreadsheets that a table is UTF-8."""

NAME_ERRORS = sys.getfilesystemencodeerrors()
"""Error handler that keeps names of files that are not valid text: as bytes on Linux and macOS, as halves of
surrogates on Windows."""

TableError = csv.Error
"""Raised for a file that is no table."""

# A field may be longer than csv's usual limit: the notes of a split name every class that is too small.
csv.field_size_limit(2**31 - 1)


def write_rows(file: TextIO, rows: Iterable[Sequence[object]], *, line_end: str = "\n") -> None:
    """Append rows to an open table.

    Args:
        file: Opened with `newline=""`; see `open_to_write`.
        rows: Fields of each row; what is not text is written as `str` gives it.
        line_end: After each row; spreadsheets on Windows expect a carriage return before the line feed.
    """
    for row in rows:
        fields = [_quoted(str(field)) for field in row]
        # A lone empty field would be an empty line, which readers skip.
        file.write((",".join(fields) or '""') + line_end)


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if QUOTED.intersection(field) else field


@contextmanager
def open_to_write(path: Path, *, append: bool = False) -> Iterator[TextIO]:
    """Open a table for `write_rows`.

    Args:
        path: The file.
        append: Go on after its last row instead of replacing it.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("a" if append else "w", encoding="utf-8", errors=NAME_ERRORS, newline="") as file:
        yield file


@contextmanager
def open_rows(path: Path) -> Iterator[Iterator[list[str]]]:
    """Read the rows of a table in UTF-8, with or without a byte order mark; empty lines are skipped.

    Raises:
        OSError: The file cannot be read.
        TableError: On iteration, when it is no table.
    """
    # Names of files may hold bytes that are no text; they come back as they were written.
    with path.open(encoding="utf-8-sig", errors=NAME_ERRORS, newline="") as file:
        yield (row for row in csv.reader(file) if row)
