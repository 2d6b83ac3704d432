"""The table of predictions for people (CSV), written while they are made; a later call continues it.

The columns: `path`, `class`, `probability`, one for each class, `error`, `date` (when the photo was taken, in
the camera's time) and `model`, the model's name and the beginning of its SHA-256. When a class is named like
another column, the columns of the classes are `P(class)`, as in `predictions.csv` of a run. Of a model of
several label columns, `class of NAME`, `probability of NAME` and one `P(NAME: class)` for each class follow
for each further column NAME. Before `error` come, where the model says so, `unknown` (0 familiar to 1 unlike
anything that was taught) and, where a person is asked when an answer is not sure enough, `ask` (and `ask of
NAME`): yes or no.

The file begins with a byte order mark, and texts that a spreadsheet would compute have an apostrophe in
front. Each row is in the file as soon as it is made, so a kill loses none.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.files import atomic_path, name_in_errors
from tlstudio.core.spreadsheet import safe_cell, text_of_cell
from tlstudio.core.tables import BYTE_ORDER_MARK, TableError, open_rows, open_to_write, write_rows
from tlstudio.core.types import PredictedImage
from tlstudio.data.photo_date import photo_date
from tlstudio.inference.asking import with_asking
from tlstudio.inference.table_target import ERROR_COLUMN, FIRST_COLUMNS

LAST_COLUMNS = (ERROR_COLUMN, "date", "model")
ASK_COLUMN = "ask"
UNKNOWN_COLUMN = "unknown"
LINE_END = "\r\n"


class PredictionTable:
    """An open table; see `open_table`.

    Args:
        file: The table.
        text: It, open at its end.
        columns: The label columns of the model.
        ask_below: Label column to the probabilities below which a person is asked.
        has_unknown: Whether the model gives an unknown score.
        model: As in the column of that name.
        done: Predictions that an earlier call wrote, by path.
    """

    def __init__(
        self,
        file: Path,
        text: TextIO,
        *,
        columns: Sequence[LabelColumn],
        ask_below: Mapping[str, AskBelow],
        has_unknown: bool,
        model: str,
        done: Mapping[str, PredictedImage],
    ) -> None:
        self._file, self._text, self._columns, self._model = file, text, columns, model
        self._asking = len(ask_names(columns, ask_below))
        self._has_unknown = has_unknown
        self.done = done

    def add(self, prediction: PredictedImage) -> None:
        """Write the row of a prediction.

        Raises:
            OSError: The disk is full, or the drive is gone.
        """
        first, *further = self._columns
        cells = [safe_cell(prediction.path), *_cells(prediction.probabilities, first)]
        for column in further:
            cells += _cells(prediction.columns.get(column.name, {}), column)
        if self._has_unknown:
            cells.append("" if prediction.unknown is None else f"{prediction.unknown:.6f}")
        cells += ask_cells(prediction, self._asking)
        cells += [
            safe_cell(prediction.error or ""),
            photo_date(Path(prediction.path)),
            safe_cell(self._model),
        ]
        with name_in_errors(self._file):
            write_rows(self._text, [cells], line_end=LINE_END)
            self._text.flush()

    def put_in_order(self, paths: Iterable[str]) -> None:
        """Order the rows like these paths, where an earlier call wrote them in another order."""
        if not self.done:
            return
        with open_rows(self._file) as rows:
            header, *own = rows
        order = list(paths)
        if [text_of_cell(row[0]) for row in own] != order:
            by_path = {text_of_cell(row[0]): row for row in own}
            _replace(self._file, [header, *(by_path[path] for path in order if path in by_path)])


def _cells(probabilities: Mapping[str, float], column: LabelColumn) -> list[str]:
    """The cells of a label column: the class, its probability, and that of each class; empty without any."""
    if not probabilities:
        return [""] * (2 + len(column.classes))
    best = max(probabilities, key=probabilities.__getitem__)
    return [safe_cell(best), *(f"{probabilities[name]:.6f}" for name in (best, *column.classes))]


def ask_names(columns: Sequence[LabelColumn], ask_below: Mapping[str, AskBelow]) -> list[str]:
    """The names of the columns of the table that say whether a person is asked."""
    if len(columns) == 1:
        return [ASK_COLUMN] * bool(ask_below)
    asking = [(number, column.name) for number, column in enumerate(columns) if column.name in ask_below]
    return [safe_cell(f"{ASK_COLUMN} of {name}") if number else ASK_COLUMN for number, name in asking]


def ask_cells(prediction: PredictedImage, count: int) -> list[str]:
    """The cells that say whether a person is asked; empty for an image without a prediction."""
    return ["yes" if asked else "no" for asked in prediction.ask.values()] or [""] * count


def column_names(
    columns: Sequence[LabelColumn],
    *,
    has_unknown: bool = False,
    ask_below: Mapping[str, AskBelow] | None = None,
) -> list[str]:
    """The header of the table.

    Args:
        columns: The label columns of the model.
        has_unknown: Whether the model gives an unknown score.
        ask_below: Label column to the probabilities below which a person is asked.
    """
    last = (*[UNKNOWN_COLUMN] * has_unknown, *ask_names(columns, ask_below or {}), *LAST_COLUMNS)
    first, *others = columns
    further: list[str] = []
    for column in others:
        further += [f"class of {column.name}", f"probability of {column.name}"]
        further += [f"P({column.name}: {name})" for name in column.classes]
    further = [safe_cell(name) for name in further]
    names = [safe_cell(name) for name in first.classes]
    fixed = {*FIRST_COLUMNS, *last, *(name.casefold() for name in further)}
    if len(set(names)) < len(names) or fixed.intersection(name.casefold() for name in names):
        names = [f"P({name})" for name in first.classes]
    return [*FIRST_COLUMNS, *names, *further, *last]


@contextmanager
def open_table(
    file: Path,
    *,
    columns: Sequence[LabelColumn],
    has_unknown: bool = False,
    ask_below: Mapping[str, AskBelow] | None = None,
    model: str,
    paths: Iterable[str],
    restart: bool = False,
) -> Iterator[PredictionTable]:
    """Open a table for the predictions of one model, with the rows that an earlier call left.

    Rows are taken over when they are whole, of the same model, of one of these paths, without an error, and
    their file was not changed since, and say of whether a person is asked what would be said now. All others
    leave the table.

    Args:
        file: As `choose_target` gave it.
        columns: The label columns of the model, in the order of its outputs.
        has_unknown: Whether it gives an unknown score.
        ask_below: Label column to the probabilities below which a person is asked.
        model: Its name and digest; models with the same last word are the same.
        paths: Of the files to predict.
        restart: Take nothing over.

    Raises:
        OSError: It cannot be written.
    """
    ask_below = ask_below or {}
    header = column_names(columns, has_unknown=has_unknown, ask_below=ask_below)
    table = partial(
        PredictionTable, file, columns=columns, has_unknown=has_unknown, ask_below=ask_below, model=model
    )
    if file.exists() and not file.is_file():  # a device or a pipe
        with name_in_errors(file), open_to_write(file) as text:
            write_rows(text, [header], line_end=LINE_END)
            yield table(text, done={})
        return
    earlier, is_whole = ([], False) if restart else _read(file, header)
    wanted, digest = set(paths), model.split()[-1]
    changed_after = file.stat().st_mtime if earlier else 0.0
    kept: list[list[str]] = []
    done: dict[str, PredictedImage] = {}
    for row in earlier:
        prediction = _prediction(row, columns, has_unknown=has_unknown, ask_below=ask_below, digest=digest)
        if prediction is None or prediction.path not in wanted or prediction.path in done:
            continue
        if _changed(Path(prediction.path)) <= changed_after:
            kept.append(row)
            done[prediction.path] = prediction
    if not is_whole or len(kept) < len(earlier):
        _replace(file, [header, *kept])
    with open_to_write(file, append=True) as text:
        yield table(text, done=done)


def _read(file: Path, header: Sequence[str]) -> tuple[list[list[str]], bool]:
    """The rows of an earlier table, and whether a row can be added after them."""
    try:
        with open_rows(file) as rows:
            if next(rows, []) != list(header):
                return [], False
            earlier = list(rows)
        with file.open("rb") as data:
            data.seek(-len(LINE_END), os.SEEK_END)
            return earlier, data.read() == LINE_END.encode()
    except (FileNotFoundError, TableError, UnicodeDecodeError):
        return [], False


def _prediction(
    row: Sequence[str],
    columns: Sequence[LabelColumn],
    *,
    has_unknown: bool,
    ask_below: Mapping[str, AskBelow],
    digest: str,
) -> PredictedImage | None:
    """The prediction in a row; None when it is cut off, of another model, or holds an error."""
    last, asking = len(LAST_COLUMNS), len(ask_names(columns, ask_below))
    length = 1 + sum(2 + len(column.classes) for column in columns) + has_unknown + asking + last
    if len(row) != length or row[-last] or row[-1].split()[-1:] != [digest]:
        return None
    found: dict[str, dict[str, float]] = {}
    start = 1
    for column in columns:
        end = start + 2 + len(column.classes)
        try:
            values = map(float, row[start + 2 : end])
            found[column.name] = dict(zip(column.classes, values, strict=True))
        except ValueError:
            return None
        start = end
    try:
        unknown = float(row[start]) if has_unknown else None
    except ValueError:
        return None
    prediction = PredictedImage(
        path=text_of_cell(row[0]),
        probabilities=found[columns[0].name],
        columns=found if len(found) > 1 else {},
        unknown=unknown,
    )
    prediction = with_asking(prediction, columns=columns, ask_below=ask_below)
    is_current = ask_cells(prediction, asking) == list(row[start + has_unknown : -last])
    return prediction if is_current else None


def _changed(file: Path) -> float:
    """Return the time when a file was last changed, or put in its place; infinity when it is missing."""
    try:
        status = file.stat()
    except (OSError, ValueError):
        return float("inf")
    return max(status.st_mtime, status.st_ctime)


def _replace(file: Path, rows: Iterable[Sequence[str]]) -> None:
    with atomic_path(file) as temporary, open_to_write(temporary) as text:
        text.write(BYTE_ORDER_MARK)
        write_rows(text, rows, line_end=LINE_END)
