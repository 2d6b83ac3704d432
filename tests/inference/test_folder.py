"""Predictions for a folder that is not the run's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import Photos, TrainedRun
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
