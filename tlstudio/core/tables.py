"""Writes and reads CSV tables in which every text survives, whatever characters a file name holds."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

QUOTED = frozenset(',"\r\n')
"""Characters that end a field or a line. Where lines end in a line feed alone, csv of older Pythons
leaves a carriage return unquoted, and then cannot read its own table."""


def write_rows(file: TextIO, rows: Iterable[Sequence[object]], *, line_end: str = "\n") -> None:
    """Append rows to an open table.

    Args:
        file: Opened with `newline=""`.
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
def open_rows(path: Path) -> Iterator[Iterator[list[str]]]:
    """Read the rows of a table in UTF-8, with or without a byte order mark; empty lines are skipped.

    Raises:
        OSError: The file cannot be read.
        csv.Error: On iteration, when it is no table.
    """
    # Names of files may hold bytes that are no text; they come back as they were written.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        yield (row for row in csv.reader(file) if row)
