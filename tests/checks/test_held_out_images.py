"""The images that a run kept for testing and checking."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import TrainedRun
from tlstudio.checks.held_out_images import HeldOutImages, find_held_out_images
from tlstudio.core.errors import UserError
from tlstudio.core.files import sha256_of
from tlstudio.data.splits import read_split
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import read_recipe


def found(run: Path, **changes: str) -> HeldOutImages | None:
    recipe = read_recipe(run / "recipe.json").model_copy(update=changes)
    return find_held_out_images(RunFolder(run), recipe)


def test_test_and_check_images_are_found_with_their_labels(trained_run: TrainedRun):
    held_out = found(trained_run.run)
    assert held_out is not None
    sides = read_split(trained_run.run / "split.csv").assignment
    assert set(held_out.labels) == {path for path, side in sides.items() if side != "train"}
    assert all(path.split("/")[0] == label for path, label in held_out.labels.items())
    some = sorted(held_out.labels)[:2]
    dataset = held_out.dataset(some)
    assert [image.path for image in dataset.images] == some
    assert dataset.images[0].sha256 == sha256_of(trained_run.images / some[0])


def test_check_images_that_it_learned_from_are_not_held_out(trained_run: TrainedRun):
    held_out = found(trained_run.run, learns_from="train+validation")
    assert held_out is not None
    sides = read_split(trained_run.run / "split.csv").assignment
    assert {sides[path] for path in held_out.labels} == {"test"}


def test_without_predictions_or_images_there_are_none(trained_run: TrainedRun, tmp_path: Path):
    run = shutil.copytree(trained_run.run, tmp_path / "run")
    (run / "predictions.csv").unlink()
    assert found(run) is None


def test_an_image_that_is_lost_meanwhile_is_named(tmp_path: Path):
    held_out = HeldOutImages(root=tmp_path, labels={"a/1.jpg": "a"})
    with pytest.raises(UserError, match=r"1\.jpg can no longer be read"):
        held_out.dataset(["a/1.jpg"])
