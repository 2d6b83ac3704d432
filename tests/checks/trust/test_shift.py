"""Images of another folder that differ from those that a run is measured on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from tests.checks.made import evaluation, examine
from tests.conftest import TrainedRun
from tlstudio.checks.evidence import Evidence
from tlstudio.core.control import Control
from tlstudio.core.events import ignore
from tlstudio.core.finding import Finding
from tlstudio.data.scan import scan_folder
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.inference.folder import predict_folder
from tlstudio.project.runs import RunFolder

Examine = Callable[[Path], list[Finding]]


@pytest.fixture
def shift_of(trained_run: TrainedRun, tiny_backbones: None) -> Examine:
    """Runs the check for a folder shown to the trained run."""
    run = RunFolder(trained_run.run)

    def examined(folder: Path) -> list[Finding]:
        dataset = scan_folder(folder)
        found = predict_folder(run, dataset, run_id="r", emit=ignore, control=Control())
        return examine(
            "shift",
            Evidence(
                run=run,
                dataset=dataset,
                evaluation=evaluate_predictions(found.predictions, subset="folder"),
                left_out=found.left_out,
            ),
        )

    return examined


def changed(folder: Path, change: Callable[[Image.Image], Image.Image]) -> Path:
    """The folder, with all its photos changed."""
    for file in folder.rglob("*.jpg"):
        with Image.open(file) as photo:
            made = change(photo)
        made.save(file, quality=90)
    return folder


def test_more_images_of_the_same_kind_are_not_flagged(photos, shift_of: Examine):
    (found,) = shift_of(photos(per_class=14, seed=3))
    assert found.severity == "ok"
    assert found.message.startswith("No difference is shown between what the classifier sees")
    assert found.numbers["p_value"] > 0.01


@pytest.mark.parametrize(
    ("word", "change"),
    [
        ("darker", lambda photo: ImageEnhance.Brightness(photo).enhance(0.4)),
        ("poorer in contrast", lambda photo: ImageEnhance.Contrast(photo).enhance(0.3)),
        ("paler in colour", lambda photo: ImageEnhance.Color(photo).enhance(0.1)),
    ],
)
def test_what_differs_is_said_in_words(photos, shift_of: Examine, word: str, change):
    (found,) = shift_of(changed(photos(per_class=14, seed=3), change))
    assert found.severity == "warning"
    assert word in found.message.split("(")[0]
    assert found.mend


def test_what_the_classifier_cannot_see_is_said_and_not_flagged(photos, shift_of: Examine):
    larger = changed(
        photos(per_class=14, seed=3), lambda photo: photo.resize((3 * photo.width, 3 * photo.height))
    )
    (found,) = shift_of(larger)
    assert found.severity == "note"
    assert "although they are larger" in found.message


def test_the_consequence_is_said_with_both_figures(photos, shift_of: Examine):
    (found,) = shift_of(changed(photos(per_class=14, seed=3), lambda photo: photo.rotate(180).convert("L")))
    assert " are right here, " in found.meaning
    assert " of its own test images" in found.meaning
    assert "Go by the figures of this folder" in found.mend


def test_another_mix_of_classes_is_no_other_kind_of_images(photos, shift_of: Examine):
    folder = photos(per_class=40, seed=3)
    for name in ("ants", "bees"):
        for file in sorted((folder / name).iterdir())[4:]:
            file.unlink()
    same, mix = shift_of(folder)
    assert same.severity == "ok"
    assert mix.severity == "note"
    assert mix.numbers["class"] == "leaves"
    assert "83 % of these are leaves" in mix.message


def test_few_images_show_nothing(photos, shift_of: Examine):
    (found,) = shift_of(photos(per_class=2, seed=3))
    assert found.severity == "note"
    assert found.message.startswith("Only 6 images could be compared")


def test_images_that_are_gone_are_said_to_be(trained_run: TrainedRun, photos, tmp_path: Path):
    run = shutil.copytree(trained_run.run, tmp_path / "run")
    (run / "predictions.csv").unlink()
    (found,) = examine(
        "shift",
        Evidence(
            run=RunFolder(run),
            dataset=scan_folder(photos(per_class=2)),
            evaluation=evaluation([0, 1], [0, 1], subset="folder"),
            left_out=LeftOut(),
        ),
    )
    assert found.severity == "note"
    assert "no longer where they were" in found.message
