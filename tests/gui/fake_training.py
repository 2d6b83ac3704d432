"""Made-up trainings for tests/gui/fake_engine.py: epochs, figures, lines and backbones that are tried."""

from __future__ import annotations

import csv
import math
import os
import time
from typing import Any

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import (
    BatchEnded,
    CheckpointSaved,
    Emit,
    EpochEnded,
    Event,
    FindingsChanged,
    Paused,
    StageProgress,
    StageStarted,
    TrialEnded,
    WarningRaised,
)
from tlstudio.core.files import write_json
from tlstudio.core.finding import Finding
from tlstudio.core.freeze_words import tried_words
from tlstudio.models.catalogue import availability, catalog
from tlstudio.operations.context import Context
from tlstudio.project.runs import RunFolder
from tlstudio.project.store import Project

ENDLESS_EPOCHS = 14
"""With so many epochs in the recipe, comparing backbones, or looking for a rate, goes on until cancelled."""


def epoch_seconds() -> float:
    return float(os.environ.get("TLSTUDIO_FAKE_EPOCH_SECONDS", "0.01"))


def train_project(arguments: Any, context: Context) -> dict:
    run_id, emit, control, resume = context.run_id, context.emit, context.control, arguments.resume
    recipe = arguments.recipe.model_dump(mode="json", exclude_unset=True)
    folder = RunFolder(arguments.run)
    folder.create()
    with folder.lock(), Project(arguments.project) as store:
        images = [item for item in store.images() if item.label()]
        classes = tuple(store.dataset().classes)
        if not resume:
            store.note_training(folder.path.name)
            lines = ["path,split", *(f"{item.path},{item.split or 'train'}" for item in images)]
            folder.split.write_text("\n".join(lines) + "\n", encoding="utf-8")
        epochs = int(recipe.get("epochs", 5))
        settings = {"backbone": {"id": "efficientnet_lite0"}, **recipe, "epochs": epochs}
        write_json(folder.recipe, {**settings, "classes": list(classes)})

        def tell(event: Event) -> None:
            folder.append_event(event)
            emit(event)

        tell(StageStarted(run_id=run_id, stage="features", title="Reading features", total=len(images)))
        tell(StageProgress(run_id=run_id, stage="features", done=len(images), total=len(images)))
        if recipe.get("freeze") == "auto" and not resume:
            try_lines(recipe, folder, run_id=run_id, tell=tell, control=control)
        tell(StageStarted(run_id=run_id, stage="train", title="Training", total=epochs))
        done = max(
            (event.epoch for event in folder.read_events() if isinstance(event, EpochEnded)), default=0
        )
        first = done + 1 if resume else 0
        last = first
        for epoch in range(first, epochs + 1):
            control.check(on_pause=lambda: tell(Paused(run_id=run_id)))
            if control.stopped:
                break
            one_epoch(epoch, epochs, classes, folder, run_id=run_id, tell=tell)
            finding = Finding(check="c", severity="ok", message=f"All is well after epoch {epoch}.")
            tell(FindingsChanged(run_id=run_id, findings=(finding.as_values(),)))
            last = epoch
        if len(images) < 30:
            tell(WarningRaised(run_id=run_id, code="few-images", message="Only a few images to learn from."))
        return finish(folder, images, classes, epochs=last)


TRIALS = (
    ("head", 0.75, True, None, None),
    ("conv_head", 0.76, False, 0.01, 0.05),
    ("blocks.6", 0.85, True, 0.1, 0.06),
)


def try_lines(recipe: dict, folder: RunFolder, *, run_id: str, tell: Emit, control: Control) -> None:
    """Three lines are tried; the last one tried that is the best so far is chosen."""
    chosen = "head"
    for number, (freeze, accuracy, best, difference, noise) in enumerate(TRIALS, start=1):
        what = tried_words(freeze)
        tell(StageStarted(run_id=run_id, stage="choice", title=f"Try {number} of 3: {what}"))
        done, left = 33 * (number - 1), (5 - number) * epoch_seconds()
        tell(StageProgress(run_id=run_id, stage="choice", done=done, total=100, seconds_left=left))
        time.sleep(epoch_seconds())
        control.check(on_pause=lambda: tell(Paused(run_id=run_id)))
        interval = (accuracy - 0.05, accuracy + 0.05)
        tell(
            TrialEnded(
                run_id=run_id,
                freeze=freeze,
                accuracy=accuracy,
                interval=interval,
                n=100,
                elapsed_seconds=2.0 * number,
                best=best,
                against=None if difference is None else "head",
                difference=difference,
                noise=noise,
            )
        )
        chosen = freeze if best else chosen
        if control.stopped:
            break
    strategy = "linear-probe" if chosen == "head" else "fine-tune"
    settings = folder.read_json(folder.recipe)
    write_json(folder.recipe, settings | {"freeze": chosen, "strategy": strategy})


def one_epoch(
    epoch: int, epochs: int, classes: tuple[str, ...], folder: RunFolder, *, run_id: str, tell: Emit
) -> None:
    steps = 4
    for step in range(1, steps + 1):
        time.sleep(epoch_seconds() / steps)
        tell(
            BatchEnded(
                run_id=run_id,
                epoch=epoch,
                epochs=epochs,
                step=step,
                steps=steps,
                train_loss=1 / (epoch + 1),
                images_per_second=200.0,
                seconds_left=(epochs - epoch) * epoch_seconds(),
            )
        )
    right = min(8, 4 + epoch)
    matrix = tuple(
        tuple(
            right if i == j else (8 - right if j == (i + 1) % len(classes) else 0)
            for j in range(len(classes))
        )
        for i in range(len(classes))
    )
    tell(
        EpochEnded(
            run_id=run_id,
            epoch=epoch,
            epochs=epochs,
            train_loss=1 / (epoch + 1),
            train_accuracy=1 - 0.4 / (epoch + 1),
            validation_loss=1.1 / (epoch + 1),
            validation_accuracy=right / 8,
            validation_interval=(right / 8 - 0.1, min(1.0, right / 8 + 0.1)),
            validation_n=8 * len(classes),
            confusion=matrix,
            best_epoch=epoch,
            learning_rate=3e-4,
            elapsed_seconds=epoch * epoch_seconds(),
            seconds_left=(epochs - epoch) * epoch_seconds(),
            images_per_second=200.0,
            memory_bytes=800_000_000,
        )
    )
    for path, kind in ((folder.last_checkpoint, "last"), (folder.best_checkpoint, "best")):
        path.write_bytes(b"weights")
        tell(CheckpointSaved(run_id=run_id, kind=kind, epoch=epoch, path=str(path)))


def finish(folder: RunFolder, images: list, classes: tuple[str, ...], *, epochs: int) -> dict:
    """One image in eight of each class is taken for the next class."""
    # Brings in numpy, half of what starting this process costs; most tests never get here.
    from tlstudio.evaluation.predictions import FIXED_COLUMNS

    rows, figures = [], {}
    for side in ("validation", "test"):
        held = [item for item in images if item.split == side]
        confusion = [[0] * len(classes) for _ in classes]
        for number, item in enumerate(held):
            true = classes.index(item.label())
            wrong = number % 8 == 7
            predicted = (true + 1) % len(classes) if wrong else true
            confusion[true][predicted] += 1
            chances = [0.1 / max(1, len(classes) - 1)] * len(classes)
            chances[predicted] = 0.9
            rows.append([side, item.path, item.label(), classes[predicted], *chances])
        figures[side] = metrics(confusion, classes, n=len(held))
    with folder.predictions.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*FIXED_COLUMNS, *(f"P({name})" for name in classes)])
        writer.writerows(rows)
    sides = [item.split for item in images]
    result = {
        "run": str(folder.path),
        "status": "finished",
        "classes": list(classes),
        "images": {side: sides.count(side) for side in ("train", "validation", "test")} | {"skipped": 0},
        "epochs": epochs,
        "best_epoch": epochs,
        "seconds": {"total": 1.0, "features": 0.5, "train": 0.5},
        "warnings": [],
    }
    write_json(folder.metrics, result | figures)
    brief = {side: {key: figures[side][key] for key in ("accuracy", "interval", "n")} for side in figures}
    return result | brief


def metrics(confusion: list[list[int]], classes: tuple[str, ...], *, n: int) -> dict:
    right = sum(confusion[i][i] for i in range(len(classes)))
    per_class = [
        {"class": name, "precision": 0.9, "recall": 0.9, "f1": 0.9, "n": sum(confusion[i])}
        for i, name in enumerate(classes)
    ]
    accuracy = right / n if n else 0.0
    return {
        "accuracy": accuracy,
        "interval": [max(0.0, accuracy - 0.1), min(1.0, accuracy + 0.05)],
        "n": n,
        "macro_f1": accuracy,
        "balanced_accuracy": accuracy,
        "ece": 0.03,
        "confusion": confusion,
        "classes": list(classes),
        "per_class": per_class,
    }


def find_rate_project(arguments: Any, context: Context) -> dict:
    """A made-up curve; seed 1 suggests no rate, and seed 2 fails."""
    run_id, total = context.run_id, 82
    context.emit(StageStarted(run_id=run_id, stage="rates", title="Trying learning rates", total=total))
    context.emit(StageProgress(run_id=run_id, stage="rates", done=41, total=total))
    while arguments.recipe.epochs == ENDLESS_EPOCHS:
        context.control.check()
        time.sleep(0.01)
    if arguments.recipe.seed == 2:
        raise UserError("An image can no longer be read.", work="Nothing was changed.", mend="Put it back.")
    is_clear = arguments.recipe.seed != 1
    curve = []
    for number in range(34):
        x = -5 + number / 10
        smoothed = 0.8 - 0.3 * is_clear / (1 + math.exp(-5 * (x + 3.2))) + 2 * max(0.0, x + 2)
        loss = smoothed + 0.02 * math.sin(9 * number)
        curve.append({"rate": 10**x, "loss": loss, "smoothed": smoothed})
    return {
        "suggestion": {"stages": 0.002, "head": 0.02} if is_clear else None,
        "falls": [0.0002, 0.002] if is_clear else None,
        "usual": 0.0003,
        "sentence": (
            "The loss falls from the rate 0.0002 on, and is lowest at about 0.002 and above its start from "
            "about 0.015 on. The usual rate, 0.0003, lies in the range in which it falls."
            if is_clear
            else "The curve suggests no rate: the loss never clearly falls, and it rises from about 0.01 on. "
            "The usual rate, 0.0003, lies below that."
        ),
        "images": 24,
        "start_loss": 0.8,
        "curve": curve,
    }


def rank_project(arguments: Any, context: Context) -> dict:
    context.emit(StageStarted(run_id=context.run_id, stage="ranking", title="Comparing", total=24))
    context.emit(StageProgress(run_id=context.run_id, stage="ranking", done=0, total=24))
    while arguments.recipe.epochs == ENDLESS_EPOCHS:
        context.control.check()
        time.sleep(0.01)
    rows = []
    for number, info in enumerate(catalog()):
        if availability(info).state not in ("embedded", "cached"):
            continue
        accuracy = 0.9 - 0.1 * number
        rows.append(
            {
                "id": info.id,
                "title": info.title,
                "accuracy": accuracy,
                "interval": [accuracy - 0.05, accuracy + 0.05],
                "n": 24,
                "difference": -0.1 * number,
                "difference_interval": [-0.1 * number - 0.05, -0.1 * number + 0.05],
                "seconds_per_1000": 10.0 * (number + 1),
            }
        )
    return {"backbones": rows}
