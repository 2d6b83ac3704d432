"""Finished runs with given answers for test images, as a training leaves them on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tlstudio.core.files import write_json
from tlstudio.core.types import Split
from tlstudio.data.splits import write_split
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.evaluation.run_result import RunResult
from tlstudio.project.run_images import KnownImage, write_known_images
from tlstudio.project.runs import RunFolder

Answers = Mapping[str, tuple[str, str]]
"""Path of an image to its label and the answer for it; an empty label is none."""


def content(text: str) -> str:
    """A SHA-256 that stands for the content of a file."""
    return hashlib.sha256(text.encode()).hexdigest()


def answers(right: int, wrong: int, *, first: int = 0) -> dict[str, tuple[str, str]]:
    """Answers for images of the class "ants", the right ones first."""
    numbers = range(first, first + right + wrong)
    return {f"ants/{n:03}.jpg": ("ants", "ants" if n - first < right else "bees") for n in numbers}


def make_tested_run(
    folder: Path,
    tested: Answers,
    *,
    contents: Mapping[str, str] | None = None,
    noted: bool = True,
    recipe: Mapping[str, Any] | None = None,
    further: Mapping[str, Answers] | None = None,
    first_column: str = "label",
    classes: Sequence[str] = ("ants", "bees"),
) -> RunFolder:
    """Write a finished run.

    Args:
        folder: Of the run.
        tested: Its answers for its test images.
        contents: What stands for the content of images whose path does not, by path.
        noted: Whether it has noted the content of its test images.
        recipe: Settings besides the classes.
        further: Its answers in further label columns.
        first_column: Name of the first label column.
        classes: Of every column.
    """
    run = RunFolder(folder)
    run.create()
    write_json(run.recipe, {"classes": list(classes), **(recipe or {})})
    write_split(
        run.split,
        Split(assignment=dict.fromkeys(tested, "test"), seed=0, validation_fraction=0, test_fraction=1),
    )
    predictions = replace(
        _predictions(tested, classes),
        further={name: _predictions(part, classes) for name, part in (further or {}).items()},
    )
    write_predictions_csv(run.predictions, {"test": predictions} if tested else {})
    nothing = replace(
        _predictions({}, classes),
        further={name: _predictions({}, classes) for name in further or {}},
    )
    result = RunResult(
        status="finished",
        classes=tuple(classes),
        images={"train": 0, "validation": 0, "test": len(tested), "skipped": 0},
        validation=evaluate_predictions(nothing, subset="validation", column=first_column),
        test=evaluate_predictions(predictions, subset="test", column=first_column),
    )
    write_json(run.metrics, result.as_json())
    if noted:
        names = {path: path for path in tested} | dict(contents or {})
        write_known_images(
            run.test_images,
            [
                KnownImage(path=path, split="test", sha256=content(names[path]), near_hash="")
                for path in tested
            ],
        )
    return run


def _predictions(tested: Answers, classes: Sequence[str]) -> Predictions:
    probabilities = np.full((len(tested), len(classes)), 0.1 / max(1, len(classes) - 1))
    for row, (_, answer) in enumerate(tested.values()):
        probabilities[row, classes.index(answer)] = 0.9
    return Predictions(
        paths=tuple(tested),
        classes=tuple(classes),
        probabilities=probabilities,
        true_indices=np.array(
            [classes.index(label) if label else -1 for label, _ in tested.values()], dtype=np.int64
        ),
    )
