"""Predictions for a folder that is not the run's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Photos, TrainedRun
from tests.data.near.made import scene
from tests.training.tiny import train
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import ignore
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import read_split
from tlstudio.inference.folder import FolderPredictions, predict_folder
from tlstudio.project.runs import RunFolder

pytestmark = pytest.mark.usefixtures("tiny_backbones")


def predicted(trained_run: TrainedRun, folder: Path) -> FolderPredictions:
    run = RunFolder(trained_run.run)
    return predict_folder(run, scan_folder(folder), run_id="r", emit=ignore, control=Control())


def test_new_images_count_and_nothing_is_left_out(trained_run: TrainedRun, photos: Photos):
    found = predicted(trained_run, photos(per_class=3, seed=6))
    assert len(found.predictions.paths) == 9
    assert set(found.left_out.counts.values()) == {0}
    assert found.left_out.compared == found.left_out.known > 0


def test_an_image_that_is_left_out_is_traced_to_the_one_of_the_run(trained_run: TrainedRun, photos: Photos):
    folder = photos(per_class=3, seed=6)
    split = read_split(trained_run.run / "split.csv")
    learned, chosen, tested = (split.paths(side)[0] for side in ("train", "validation", "test"))
    for path in (learned, chosen, tested):
        shutil.copy(trained_run.images / path, folder / path.split("/")[0] / f"copy-of-{Path(path).name}")
    found = predicted(trained_run, folder)
    assert {image.path: image.split for image in found.left_out.same.values()} == {
        learned: "train",
        chosen: "validation",
    }
    assert len(found.predictions.paths) == 10, "the test image had no part in the training"


def test_classes_that_it_does_not_know_are_an_error(trained_run: TrainedRun, photos: Photos):
    with pytest.raises(UserError, match="ants, bees, leaves"):
        predicted(trained_run, photos(classes=("wasps", "flies"), per_class=2))


def test_training_images_that_were_cut_are_recognised(fresh_cache: Path, tmp_path: Path):
    learned, shown = tmp_path / "learned", tmp_path / "shown"
    for number in range(40):
        for root in (learned, shown):
            (root / f"kind {number % 2}").mkdir(parents=True, exist_ok=True)
        name = f"kind {number % 2}/{number:02d}.png"
        if number < 30:
            scene(number).save(learned / name)
        if number < 6:
            scene(number).crop((4, 3, 196, 157)).resize((150, 120)).save(shown / name)
        if number >= 30:
            scene(number).save(shown / name)
    train(learned, tmp_path / "run", split={"validation": 0.2, "test": 0})
    run = RunFolder(tmp_path / "run")

    def seen() -> set[str]:
        found = predict_folder(run, scan_folder(shown), run_id="r", emit=ignore, control=Control())
        return set(found.left_out.alike)

    cut = {f"kind {number % 2}/{number:02d}.png" for number in range(6)}
    assert seen() == cut
    learned.rename(tmp_path / "elsewhere")
    assert seen() == cut, "what they look like is kept"
    shutil.rmtree(fresh_cache)
    assert seen() < cut, "hashes alone do not recognise all of them"
