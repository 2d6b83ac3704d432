"""Runs as the engine leaves them on disk, with made-up numbers: for tests of pages that only read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlstudio.core.events import EpochEnded, Event, StageStarted, WarningRaised
from tlstudio.core.files import write_json
from tlstudio.core.finding import Finding
from tlstudio.core.types import Split, SplitName
from tlstudio.data.splits import write_split
from tlstudio.evaluation.check_figures import check_figures_words
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.metrics import compute_metrics
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.project.runs import RunFolder


def epoch_event(
    epoch: int,
    *,
    epochs: int = 15,
    best: int | None = None,
    classes: int = 3,
    per_class: int = 8,
    run: str = "run-1",
) -> EpochEnded:
    """An epoch whose accuracy rises with its number; each class loses its mistakes to the next one."""
    right = round(per_class * (1 - 0.5 * 0.75**epoch))
    confusion = [[0] * classes for _ in range(classes)]
    for i in range(classes):
        confusion[i][i] = right
        confusion[i][(i + 1) % classes] += per_class - right
    n = classes * per_class
    interval = wilson(classes * right, n)
    return EpochEnded(
        run_id=run,
        epoch=epoch,
        epochs=epochs,
        train_loss=None if epoch == 0 else 1.4 * 0.8**epoch + 0.1,
        train_accuracy=None if epoch == 0 else 1 - 0.4 * 0.7**epoch,
        validation_loss=1.5 * 0.82**epoch + 0.25,
        validation_accuracy=right / per_class,
        validation_interval=(interval.low, interval.high),
        validation_n=n,
        confusion=tuple(tuple(row) for row in confusion),
        best_epoch=epoch if best is None else best,
        learning_rate=3e-4,
        elapsed_seconds=2.0 * epoch,
        seconds_left=2.0 * (epochs - epoch),
        images_per_second=214.0,
        memory_bytes=1_100_000_000,
    )


def make_run(
    folder: Path,
    *,
    paths: dict[str, Sequence[str]],
    epochs: int = 15,
    done: int | None = None,
    finished: bool = True,
    splits: Sequence[str] = ("validation", "test"),
    accuracy: float = 0.85,
    recipe: dict | None = None,
    warnings: Sequence[str] = (),
    seed: int = 0,
) -> RunFolder:
    """Write a run.

    Args:
        folder: Of the run.
        paths: Class to the paths of its images; validation and test take them in turn.
        done: How many epochs ended; all when None.
        accuracy: About how many answers are right.
    """
    run = RunFolder(folder)
    run.create()
    classes = list(paths)
    settings = {
        "classes": classes,
        "backbone": {"id": "efficientnet_lite0"},
        "strategy": "fine-tune",
        "freeze": "blocks.4",
        "epochs": epochs,
        "patience": 5,
    }
    write_json(run.recipe, settings | (recipe or {}))
    sides: dict[str, SplitName] = {}
    for images in paths.values():
        for number, path in enumerate(images):
            sides[path] = ("validation", "test", "train", "train")[number % 4]  # type: ignore[assignment]
    write_split(run.split, Split(assignment=sides, seed=0, validation_fraction=0.25, test_fraction=0.25))
    events: list[Event] = [
        StageStarted(run_id=run.path.name, stage="features", title="Looking at the images")
    ]
    per_class = max(2, min(len(images) for images in paths.values()) // 3)
    last = epochs if done is None else done
    best = max(0, last - 3)
    events += [
        epoch_event(
            epoch,
            epochs=epochs,
            best=min(epoch, best),
            classes=len(classes),
            per_class=per_class,
            run=run.path.name,
        )
        for epoch in range(last + 1)
    ]
    events += [WarningRaised(run_id=run.path.name, code="warning", message=text) for text in warnings]
    for event in events:
        run.append_event(event)
    run.last_checkpoint.write_bytes(b"weights")
    if finished:
        run.best_checkpoint.write_bytes(b"weights")
        _write_figures(run, paths, splits=splits, accuracy=accuracy, seed=seed, epochs=last, best=best)
    return run


def _write_figures(
    run: RunFolder,
    paths: dict[str, Sequence[str]],
    *,
    splits: Sequence[str],
    accuracy: float,
    seed: int,
    epochs: int,
    best: int,
) -> None:
    classes, parts = tuple(paths), {}
    for turn, split in enumerate(("validation", "test")):
        chosen = [
            (path, index)
            for index, images in enumerate(paths.values())
            for path in images[turn::4]
            if split in splits
        ]
        parts[split] = _predictions(chosen, classes, accuracy=accuracy, seed=seed + turn)
    write_predictions_csv(run.predictions, {name: part for name, part in parts.items() if part.paths})
    figures = {
        name: compute_metrics(part).as_json() | {"findings": found_in(name, len(part.paths), splits)}
        for name, part in parts.items()
    }
    write_json(
        run.metrics,
        figures | {"status": "finished", "epochs": epochs, "best_epoch": best, "seconds": {"total": 64.0}},
    )


def found_in(split: str, n: int, splits: Sequence[str]) -> list[dict]:
    """Make findings as checks might have about the images of a split."""
    sentences = [f"Only {n} images: a rough figure."]
    if split == "validation":
        chosen = check_figures_words(learned=False)
        kept = "" if "test" in splits else "This run kept no test images. "
        sentences.append(f"{kept}These are figures of the check images. {chosen}")
    return [
        Finding(check="too-few-tests", severity="warning", message=sentence).as_values()
        for sentence in sentences
    ]


def _predictions(
    chosen: Sequence[tuple[str, int]], classes: tuple[str, ...], *, accuracy: float, seed: int
) -> Predictions:
    rng = np.random.default_rng(seed)
    probabilities = np.zeros((len(chosen), len(classes)))
    for row, (_, true) in enumerate(chosen):
        # Mistakes gather in a few pairs of classes, as in life.
        predicted = true if rng.random() < accuracy else int((true + rng.choice([1, 1, 2])) % len(classes))
        sure = rng.uniform(0.5, 0.99)
        rest = rng.dirichlet(np.ones(len(classes)) * 0.4) * (1 - sure)
        probabilities[row] = rest
        probabilities[row, predicted] += sure
    return Predictions(
        paths=tuple(path for path, _ in chosen),
        classes=classes,
        probabilities=probabilities,
        true_indices=np.array([true for _, true in chosen], dtype=np.int64),
    )
