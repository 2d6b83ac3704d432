"""Groups of images in which the classifier is right less often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.checks.made import evaluation, examine
from tests.conftest import Photos, TrainedRun, draw_photo
from tests.training.tiny import RECIPES, train
from tlstudio.checks.evidence import Evidence
from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.finding import Finding
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.project.runs import RunFolder

CLASSES = ("a", "b", "c")


def found(
    root: Path,
    true: Sequence[int],
    right: Sequence[bool],
    *,
    columns: Mapping[str, Sequence[str]] | None = None,
    groups: Sequence[str] | None = None,
) -> list[Finding]:
    """Run the check on images `0.jpg`, `1.jpg` … with a table of these columns, and with these groups."""
    predicted = [label if is_right else (label + 1) % 3 for label, is_right in zip(true, right, strict=True)]
    images = [
        Image(
            path=f"{number}.jpg",
            sha256=str(number),
            labels=labels_of(CLASSES[label]),
            group=groups[number] if groups else None,
        )
        for number, label in enumerate(true)
    ]
    if columns:
        rows = [
            ["image", *columns],
            *([f"{n}.jpg", *row] for n, row in enumerate(zip(*columns.values(), strict=True))),
        ]
        (root / "labels.csv").write_text("\n".join(",".join(row) for row in rows))
    dataset = Dataset.of_folder(root, images=images, classes=CLASSES)
    return examine("groups", Evidence(dataset=dataset, evaluation=evaluation(true, predicted)))


def drawn(
    accuracy: Mapping[str, float], *, each: int = 60, seed: int = 0
) -> tuple[list[int], list[str], list[bool]]:
    """Classes, groups, and whether each image is right, for groups of such accuracies."""
    random = np.random.default_rng(seed)
    groups = [name for name in accuracy for _ in range(each)]
    true = random.integers(0, 3, len(groups)).tolist()
    return true, groups, [bool(random.uniform() < accuracy[name]) for name in groups]


def test_the_worst_group_is_named_with_its_figures(tmp_path: Path):
    true, groups, right = drawn({"north": 0.9, "south": 0.9, "east": 0.4})
    (worst,) = found(tmp_path, true, right, columns={"place": groups})
    assert worst.severity == "warning"
    assert worst.message.startswith("Worst group by “place”: east, ")
    assert " of 60 right (95 % interval " in worst.message
    assert worst.numbers["worst"] == "east"
    assert worst.numbers["n"] == 60
    assert worst.numbers["accuracy of north"] > worst.numbers["accuracy"]
    wrong = {
        f"{n}.jpg"
        for n, (name, is_right) in enumerate(zip(groups, right, strict=True))
        if name == "east" and not is_right
    }
    assert set(worst.paths) == wrong


def test_groups_of_one_accuracy_are_seldom_flagged(tmp_path: Path):
    flagged = 0
    for seed in range(40):
        true, groups, right = drawn({"north": 0.8, "south": 0.8, "east": 0.8}, each=30, seed=seed)
        (one,) = found(tmp_path, true, right, columns={"place": groups})
        flagged += one.is_warning
    assert flagged <= 3  # 0.4 in the mean; 4 or more would be one chance in a thousand


def test_a_group_of_harder_classes_is_not_worse(tmp_path: Path):
    random = np.random.default_rng(0)
    groups = ["north"] * 100 + ["south"] * 100
    true = [int(random.uniform() < (0.1 if name == "north" else 0.9)) for name in groups]
    right = [bool(random.uniform() < (0.95 if label == 0 else 0.6)) for label in true]
    (one,) = found(tmp_path, true, right, columns={"place": groups})
    assert one.numbers["accuracy of south"] < one.numbers["accuracy of north"] - 0.15
    assert one.severity == "ok"
    assert "than its classes explain" in one.message


def test_groups_of_the_split_are_compared_where_they_are_large(tmp_path: Path):
    true, groups, right = drawn({"p1": 0.9, "p2": 0.3}, each=40)
    (one,) = found(tmp_path, true, right, groups=groups)
    assert one.message.startswith("Worst group by “group”: p2")
    small = [f"p{n // 4}" for n in range(80)]
    (few,) = found(tmp_path, true, right, groups=small)
    assert few.severity == "note"
    assert "Fewer than two groups" in few.message


def test_columns_that_say_the_same_as_the_classes_or_name_each_image_are_none(tmp_path: Path):
    true, _, right = drawn({"north": 0.9}, each=60)
    same, each = [f"kind {label}" for label in true], [str(number) for number in range(60)]
    (one,) = found(tmp_path, true, right, columns={"kind": same, "number": each})
    assert one.severity == "ok"
    assert one.message.startswith("No table beside the images names groups")


@pytest.mark.parametrize("split", ["test", "validation"])
def test_test_and_check_images_count_together(trained_run: TrainedRun, split: str):
    run = RunFolder(trained_run.run)
    parts = read_predictions_csv(run.predictions)
    evidence = Evidence(run=run, dataset=scan_folder(trained_run.images))
    chosen = evidence.evaluation.with_predictions(parts[split])
    other = Evidence(run=run, dataset=evidence.dataset, evaluation=replace(chosen, subset=split))
    assert set(other.held_out_predictions.paths) == {*parts["test"].paths, *parts["validation"].paths}
    without_run = Evidence(dataset=evidence.dataset, evaluation=chosen)
    assert without_run.held_out_predictions.paths == parts[split].paths


@pytest.fixture
def places(photos: Photos, tmp_path: Path, tiny_backbones: None) -> Callable[..., list[Finding]]:
    """Trains on photos of four places; in the last one, things may look different."""

    def examined(*, is_odd: bool, recipe: Mapping[str, Any] | None = None) -> list[Finding]:
        folder = photos(per_class=20)
        rows = ["image,place"]
        for label, name in enumerate(("ants", "bees", "leaves")):
            for number in range(20):
                file = folder / name / f"photo-{number:03d}.jpg"
                rows.append(f"{name}/{file.name},{'NESW'[number % 4]}")
                if is_odd and number % 4 == 3:
                    draw_photo(label + 4, width=64, height=64, seed=number).save(file)
        (folder / "labels.csv").write_text("\n".join(rows))
        train(folder, tmp_path / "run", split={"validation": 0.2, "test": 0.2}, **(recipe or {}))
        return examine("groups", Evidence(dataset=scan_folder(folder), run=RunFolder(tmp_path / "run")))

    return examined


def test_a_place_that_was_never_seen_is_answered_worse(places: Callable[..., list[Finding]]):
    worse = next(finding for finding in places(is_odd=True) if "never saw" in finding.message)
    assert worse.severity == "warning"
    assert worse.numbers["worst"] == "W"
    assert worse.numbers["n"] == 60
    assert worse.numbers["unseen"] < worse.numbers["dealt"] <= worse.numbers["known"]
    assert " Lowest: W, " in worse.message
    assert " of 15 right (95 % interval " in worse.message


def test_a_place_like_the_others_is_no_loss(places: Callable[..., list[Finding]]):
    alike = next(finding for finding in places(is_odd=False) if "never saw" in finding.message)
    assert alike.severity == "ok"


def test_where_stages_learned_no_group_is_new(places: Callable[..., list[Finding]]):
    found = places(is_odd=True, recipe=RECIPES["fine"])
    assert not [finding for finding in found if "never saw" in finding.message]
