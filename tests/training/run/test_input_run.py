"""A finished run that another one is to learn from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.training.tiny import Photos, train
from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import Emit, Event, WarningRaised, ignore
from tlstudio.core.files import sha256_of
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import read_split
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe, SplitSettings
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.input_run import examine_input_run
from tlstudio.training.run.preparation import Preparation, prepare

pytestmark = pytest.mark.usefixtures("tiny")
SPEC = InputSpec(id="teacher", title="Teacher", help="A finished run.", kind="run", flag="--teacher")


def examine(folder: Path, preparation: Preparation, *, emit: Emit = ignore) -> str:
    return examine_input_run(folder, preparation, SPEC, run_id="r", emit=emit, control=Control())


def test_what_can_be_learned_from_is_named_by_the_hash_of_its_weights(photos: Photos, tmp_path: Path):
    root = photos()
    train(root, tmp_path / "teacher")
    run = RunFolder(tmp_path / "run")
    run.create()
    same = prepare(scan_folder(root), run, Recipe(), resume=False)
    model = tmp_path / "teacher/checkpoints/best.safetensors"
    assert examine(tmp_path / "teacher", same) == sha256_of(model)
    other = prepare(scan_folder(root), run, Recipe(seed=3), resume=False)
    with pytest.raises(UserError, match="test figure would be too good"):
        examine(tmp_path / "teacher", other)
    model.unlink()
    with pytest.raises(UserError, match="no trained model"):
        examine(tmp_path / "teacher", same)


def test_without_a_list_its_images_are_compared_as_far_as_they_are_there(photos: Photos, tmp_path: Path):
    root = photos()
    train(root, tmp_path / "teacher")
    shutil.copytree(root, tmp_path / "same")
    run = RunFolder(tmp_path / "run")
    run.create()
    other = prepare(scan_folder(tmp_path / "same"), run, Recipe(seed=3), resume=False)
    listed = tmp_path / "teacher/images.csv"
    lines = listed.read_text().splitlines(keepends=True)
    for damaged in (lines[:1], lines[:4]):  # cut off where a line ends
        listed.write_text("".join(damaged))
        with pytest.raises(UserError, match=r"images\.csv is damaged"):
            examine(tmp_path / "teacher", other)
    listed.unlink()
    with pytest.raises(UserError, match="test figure would be too good"):
        examine(tmp_path / "teacher", other)
    seen = read_split(tmp_path / "teacher/split.csv").paths("train")
    tests = {image.path for image in other.images["test"]}
    for path in tests.intersection(seen):
        (root / path).unlink()
    events: list[Event] = []
    examine(tmp_path / "teacher", other, emit=events.append)
    shutil.rmtree(root)
    examine(tmp_path / "teacher", other, emit=events.append)
    some, none = [event.message for event in events if isinstance(event, WarningRaised)]
    assert f"Teacher: whether {tmp_path / 'teacher'} has learned from test images of this run" in some
    assert "could be compared, as they are now" in some
    assert "cannot be checked" in none
    without_tests = prepare(
        scan_folder(tmp_path / "same"), run, Recipe(split=SplitSettings(test=0)), resume=False
    )
    events.clear()
    examine(tmp_path / "teacher", without_tests, emit=events.append)
    assert not events, "there is no test figure that could be too good"
