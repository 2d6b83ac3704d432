"""Predictions for files as a CSV table for people, written while they are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tlstudio.core.files import atomic_path
from tlstudio.core.tables import write_rows
from tlstudio.core.types import PredictedImage

LINE_END = "\r\n"


def write_while_reading(predictions: Iterator[PredictedImage], file: Path) -> Iterator[PredictedImage]:
    """Pass predictions on and write each to a table, so that memory does not grow with their number.

    The columns: `path`, `class`, `probability`, one for each class, `error`.

    Args:
        predictions: Of one classifier.
        file: The table; moved in place only after the last prediction.

    Yields:
        Each prediction, in the same order.

    Raises:
        OSError: The file cannot be written.
    """
    with (
        atomic_path(file) as temporary,
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as text,
    ):
        classes: list[str] | None = None
        # The first readable image names the classes; rows before it wait until the header is known.
        pending: list[PredictedImage] = []
        for prediction in predictions:
            if classes is None:
                pending.append(prediction)
            else:
                write_rows(text, [_row(prediction, classes)], line_end=LINE_END)
            if classes is None and prediction.probabilities:
                classes = list(prediction.probabilities)
                write_rows(text, _header_and_rows(pending, classes), line_end=LINE_END)
                pending.clear()
            yield prediction
        if classes is None:
            write_rows(text, _header_and_rows(pending, []), line_end=LINE_END)


def _header_and_rows(predictions: Sequence[PredictedImage], classes: Sequence[str]) -> Iterator[list[str]]:
    yield ["path", "class", "probability", *classes, "error"]
    for prediction in predictions:
        yield _row(prediction, classes)


def _row(prediction: PredictedImage, classes: Sequence[str]) -> list[str]:
    values = [f"{prediction.probabilities[name]:.6f}" if prediction.probabilities else "" for name in classes]
    highest = "" if prediction.probability is None else f"{prediction.probability:.6f}"
    return [prediction.path, prediction.class_name or "", highest, *values, prediction.error or ""]
