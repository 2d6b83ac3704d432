"""Answers for files as a table for people, written while they come."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from tlstudio.core.files import atomic_path
from tlstudio.core.types import PredictedImage


def with_csv(answers: Iterator[PredictedImage], file: Path) -> Iterator[PredictedImage]:
    """Pass answers on and write each as it comes, so that any number of them needs no memory.

    The columns: `path`, `class`, `probability`, one for each class, `error`.

    Args:
        answers: Of one classifier.
        file: In place only when all answers are there.

    Raises:
        OSError: It cannot be written.
    """
    with (
        atomic_path(file) as temporary,
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as text,
    ):
        writer = csv.writer(text)
        names: list[str] | None = None
        # The first image that can be read names the classes; those before it have no values.
        waiting: list[PredictedImage] = []
        for answer in answers:
            if names is None:
                waiting.append(answer)
            else:
                writer.writerow(_row(answer, names))
            if names is None and answer.probabilities:
                names = list(answer.probabilities)
                writer.writerows(_head(waiting, names))
                waiting.clear()
            yield answer
        if names is None:
            writer.writerows(_head(waiting, []))


def _head(answers: Sequence[PredictedImage], names: Sequence[str]) -> Iterator[list[str]]:
    yield ["path", "class", "probability", *names, "error"]
    for answer in answers:
        yield _row(answer, names)


def _row(answer: PredictedImage, names: Sequence[str]) -> list[str]:
    values = [f"{answer.probabilities[name]:.6f}" if answer.probabilities else "" for name in names]
    top = "" if answer.probability is None else f"{answer.probability:.6f}"
    return [answer.path, answer.class_name or "", top, *values, answer.error or ""]
