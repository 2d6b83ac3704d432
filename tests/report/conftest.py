"""Values that views and the report are drawn from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tlstudio.core.events import EpochEnded, WarningRaised
from tlstudio.core.types import Split, SplitName
from tlstudio.data.splits import write_split
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.metrics import compute_metrics
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import BackboneSettings, Recipe

CLASSES = ("daisy", "<img src=x> & roses", "dandelion")


def evaluation(classes_count: int, *, per_class: int = 12, names: str = "class") -> dict[str, Any]:
    """As of `evaluate --json`, with about a fifth wrong."""
    rng = np.random.default_rng(classes_count)
    n = classes_count * per_class
    true = np.arange(n) % classes_count
    answers = np.where(rng.random(n) < 0.8, true, rng.integers(0, classes_count, n))
    probabilities = np.full((n, classes_count), 0.3 / max(classes_count - 1, 1))
    probabilities[np.arange(n), answers] = 0.7
    predictions = Predictions(
        paths=tuple(f"{index}.png" for index in range(n)),
        classes=tuple(f"{names} {index}" for index in range(classes_count)),
        probabilities=probabilities,
        true_indices=true,
    )
    return compute_metrics(predictions).as_json()


def epochs(count: int) -> list[dict[str, Any]]:
    """Epochs 0 to `count`, as the curve views take them."""
    found = []
    for epoch in range(count + 1):
        right = round(48 * (1 - 0.6 * 0.8**epoch))
        interval = wilson(right, 48)
        found.append(
            {
                "epoch": epoch,
                "train_loss": None if epoch == 0 else 1.5 * 0.85**epoch,
                "validation_loss": 1.6 * 0.87**epoch + 0.2,
                "train_accuracy": None if epoch == 0 else 1 - 0.5 * 0.75**epoch,
                "validation_accuracy": right / 48,
                "interval": (interval.low, interval.high),
            }
        )
    return found


@pytest.fixture
def images(tmp_path: Path) -> Path:
    root = tmp_path / "flowers"
    for number, name in enumerate(CLASSES):
        (root / name).mkdir(parents=True)
        for index in range(12):
            image = Image.new("RGB", (300, 200), (80 * number, 20 * index, 120))
            image.save(root / name / f"{index}.jpg")
    (root / "daisy" / "notes <1>.jpg").write_bytes(b"these are notes")
    return root


@pytest.fixture
def run(tmp_path: Path, images: Path) -> RunFolder:
    """A finished run of fine-tuning, with mistakes, warnings and a file that was not used."""
    folder = RunFolder(tmp_path / "run <7>")
    folder.create()
    paths = sorted(file.relative_to(images).as_posix() for file in images.rglob("*.jpg"))
    paths = [path for path in paths if "notes" not in path]
    sides: tuple[SplitName, ...] = ("train", "validation", "test")
    split = Split(
        assignment={path: sides[index % 3] for index, path in enumerate(paths)},
        seed=0,
        validation_fraction=1 / 3,
        test_fraction=1 / 3,
    )
    write_split(folder.split, split)
    recipe = Recipe(
        classes=CLASSES,
        images_root=str(images),
        backbone=BackboneSettings(),
        strategy="fine-tune",
        freeze="blocks.4",
        versions={"python": "3.11.2"},
    )
    folder.recipe.write_text(recipe.model_dump_json(), encoding="utf-8")
    predictions = {}
    for name in ("validation", "test"):
        of_split = split.paths(name)
        true = np.array([CLASSES.index(path.split("/")[0]) for path in of_split])
        answers = true.copy()
        answers[::4] = (answers[::4] + 1) % 3
        probabilities = np.full((len(true), 3), 0.1)
        probabilities[np.arange(len(true)), answers] = 0.8
        predictions[name] = Predictions(
            paths=tuple(of_split), classes=CLASSES, probabilities=probabilities, true_indices=true
        )
    write_predictions_csv(folder.predictions, predictions)
    figures = {name: compute_metrics(part).as_json() for name, part in predictions.items()}
    metrics = {"status": "finished", "epochs": 8, "best_epoch": 6, "seconds": {"total": 12.3}, **figures}
    folder.metrics.write_text(json.dumps(metrics), encoding="utf-8")
    folder.environment.write_text(json.dumps({"system": "Linux <x>", "device": "cpu"}), encoding="utf-8")
    for values in epochs(8):
        folder.append_event(_epoch(values))
    folder.append_event(
        WarningRaised(
            run_id="r",
            code="skipped",
            message="1 file is not used.",
            paths=("daisy/notes <1>.jpg",),
            reasons=("Only text.",),
        )
    )
    return folder


def take_test_away(run: RunFolder) -> None:
    """Leave a run as it is without test images."""
    metrics = json.loads(run.metrics.read_text(encoding="utf-8"))
    run.metrics.write_text(json.dumps({**metrics, "test": {"n": 0}}), encoding="utf-8")
    rows = run.predictions.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if not row.startswith("test,")]
    run.predictions.write_text("".join(kept), encoding="utf-8")


def _epoch(values: dict[str, Any]) -> EpochEnded:
    return EpochEnded(
        run_id="r",
        epochs=8,
        validation_n=48,
        validation_interval=values["interval"],
        confusion=(),
        best_epoch=6,
        learning_rate=1e-3,
        elapsed_seconds=1.0,
        **{key: value for key, value in values.items() if key != "interval"},
    )
