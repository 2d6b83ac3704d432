"""Reads tables that people made: any common encoding, separator and line ending, with a header or without."""

from __future__ import annotations

import codecs
import csv
import io
import locale
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tlstudio.core.errors import UserError, from_os_error
from tlstudio.core.tables import TableError
from tlstudio.data.naming import printable

SUFFIXES = frozenset({".csv", ".tsv", ".tab"})
SEPARATORS = ",;\t|"
MOST_BYTES = 256 << 20
_LAST_ROW = "end"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under named columns.

    Attributes:
        name: Of the file, for sentences.
        columns: Names as in the first row, without spaces around them; unnamed columns are left out, of
            columns with one name the first is kept.
        rows: As many fields as columns each, without spaces around them.
        repeated: Names that several columns have.
        unclosed_line: Where the last row begins, when a quotation mark in it is never closed, so that its
            last field holds the rest of the file.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    repeated: tuple[str, ...] = ()
    unclosed_line: int | None = None

    def values(self, column: str) -> list[str]:
        """The fields of a column, from top to bottom."""
        place = self.columns.index(column)
        return [row[place] for row in self.rows]


def read_table(path: Path) -> Table:
    """Read a table.

    Raises:
        UserError: The file cannot be read, or is no table.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(
                f"{printable(path.name)} is too large for a table of images.",
                mend="Keep only the columns with the images' names and their labels.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise from_os_error(error) from error
    try:
        return parse_table(decode_text(data), name=printable(path.name))
    except TableError as error:
        raise UserError(
            f"{printable(path.name)} cannot be read as a table ({error}).", mend="Save it as CSV in UTF-8."
        ) from error


def decode_text(data: bytes) -> str:
    """Decode a text file: by its byte order mark, as UTF-8, as UTF-16, or else as this system does.

    Raises:
        TableError: The bytes are no text.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise TableError(f"not {encoding.upper()} as its first bytes say") from error
    if (guessed := _utf16_without_mark(data)) is not None:
        return guessed
    text = _first_decoding(data, ("utf-8", locale.getpreferredencoding(False), "cp1252"))
    if "\0" in text:
        raise TableError("it holds no text")
    return text


def _first_decoding(data: bytes, encodings: Iterable[str]) -> str:
    """The text by the first encoding that fits; as Latin-1, which fits everything, when none does."""
    for encoding in encodings:
        with suppress(UnicodeDecodeError, LookupError):
            return data.decode(encoding)
    return data.decode("latin-1")


def _utf16_without_mark(data: bytes) -> str | None:
    """The text of bytes whose zeros say UTF-16, None for any others."""
    if len(data) < 4 or len(data) % 2 or b"\0" not in data:
        return None
    # Tables begin with a letter or sign of ASCII, one of whose two bytes is a zero.
    is_big_endian = data[0] == 0
    if is_big_endian == (data[1] == 0):
        return None
    try:
        return data.decode("utf-16-be" if is_big_endian else "utf-16-le")
    except UnicodeDecodeError:
        return None


def parse_table(text: str, *, name: str) -> Table:
    """Divide the text of a table into columns and rows; empty lines are skipped.

    Args:
        text: With any line ending. A first line such as "sep=;", as spreadsheets write it, is obeyed.
        name: Of the file.

    Raises:
        TableError: It is no table.
    """
    first, _, rest = text.partition("\n")
    said = first.strip().strip('"').casefold()
    if said.startswith("sep=") and len(said) == 5:
        lines, unclosed = _lines(rest, separator=said[4])
        unclosed = None if unclosed is None else unclosed + 1
    else:
        lines, unclosed = max(_readings(text), key=lambda reading: _regularity(reading[0]))
    if unclosed is not None and len(lines) == 1:
        raise TableError(f"a quotation mark in line {unclosed} is never closed")
    if not lines:
        return Table(name, (), ())
    header = [field.strip() for field in lines[0]]
    places = {column: header.index(column) for column in header if column}
    rows = tuple(
        tuple(line[place].strip() if place < len(line) else "" for place in places.values())
        for line in lines[1:]
    )
    repeated = tuple(column for column in places if header.count(column) > 1)
    return Table(name, tuple(places), rows, repeated, unclosed)


def _readings(text: str) -> list[tuple[list[list[str]], int | None]]:
    """The table by every separator that it can be read with; see `_lines`."""
    readings, errors = [], []
    for separator in SEPARATORS:
        try:
            readings.append(_lines(text, separator=separator))
        except TableError as error:
            errors.append(error)
    if not readings:
        raise errors[0]
    return readings


def _lines(text: str, *, separator: str) -> tuple[list[list[str]], int | None]:
    """The rows that are not empty, and the line where one begins whose quotation mark is never closed."""
    # A field that is still open where the text ends takes in the row that is added here.
    reader = csv.reader(io.StringIO(f"{text}\n{_LAST_ROW}", newline=""), delimiter=separator)
    lines, begin, next_begin = [], 1, 1
    for line in reader:
        begin, next_begin = next_begin, reader.line_num + 1
        lines.append(line)
    last = lines.pop()
    is_open = "\n" in last[-1]
    if is_open:
        lines.append([*last[:-1], last[-1].removesuffix(f"\n{_LAST_ROW}")])
    return [line for line in lines if any(field.strip() for field in line)], begin if is_open else None


def _regularity(lines: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Count the rows with as many fields as the first one, and its fields; one field is no table."""
    if not lines or len(lines[0]) < 2:
        return 0, 0
    width = len(lines[0])
    return sum(len(line) == width for line in lines), width
