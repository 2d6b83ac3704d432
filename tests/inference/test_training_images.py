"""The images of a training, from its list or from where they were."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conftest import TrainedRun
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.data.splits import read_split
from tlstudio.inference.training_images import TrainingImages, doubt_words, find_training_images
from tlstudio.project.runs import RunFolder


@pytest.fixture
def run(trained_run: TrainedRun, tmp_path: Path) -> RunFolder:
    return RunFolder(Path(shutil.copytree(trained_run.run, tmp_path / "run")))


def found(run: RunFolder) -> TrainingImages:
    return find_training_images(run, control=Control())


def of_training(run: RunFolder) -> dict[str, str]:
    sides = read_split(run.split).assignment
    return {path: side for path, side in sides.items() if side != "test"}


def test_the_list_and_the_files_tell_the_same(run: RunFolder):
    listed = found(run)
    run.images.unlink()
    looked_up = found(run)
    for images in (listed, looked_up):
        assert images.are_all
        assert {image.path: image.split for image in images.images} == of_training(run)
    assert [image.sha256 for image in sorted(listed.images, key=lambda image: image.path)] == [
        image.sha256 for image in sorted(looked_up.images, key=lambda image: image.path)
    ]
    assert len(looked_up.files) == looked_up.number


def without_metrics(run: RunFolder) -> None:
    run.metrics.unlink()


def without_split(run: RunFolder) -> None:
    run.split.unlink()


@pytest.mark.parametrize("also", [without_metrics, without_split])
@pytest.mark.parametrize("kept", [1, 5, -1])
def test_a_list_that_lost_rows_is_refused(run: RunFolder, kept: int, also):
    lines = run.images.read_text().splitlines(keepends=True)
    run.images.write_text("".join(lines[:kept]))
    also(run)
    with pytest.raises(UserError, match=r"images\.csv is damaged: it lists \d+ image") as raised:
        found(run)
    assert "Delete this file" in raised.value.mend


def test_how_far_a_question_can_be_answered_is_said():
    assert doubt_words("Whether it is so", compared=0, known=4) == (
        "Whether it is so cannot be checked: the list of its training images, images.csv, is missing, and "
        "its images are no longer where they were."
    )
    assert doubt_words("Whether it is so", compared=3, known=4) == (
        "Whether it is so can be checked in part only: the list of its training images, images.csv, is "
        "missing, and only 3 of its 4 images could be compared, as they are now; the others are gone."
    )


def test_images_that_are_gone_are_counted(run: RunFolder, trained_run: TrainedRun, tmp_path: Path):
    run.images.unlink()
    for file in (run.recipe, run.environment):
        values = json.loads(file.read_text(encoding="utf-8"))
        gone = {key: str(tmp_path / "gone") for key in ("images_root", "images") if key in values}
        file.write_text(json.dumps({**values, **gone}), encoding="utf-8")
    images = found(run)
    assert (images.images, images.number, images.are_all) == ((), len(of_training(run)), False)
    run.split.unlink()
    assert not found(run).are_all
