"""The split of a run beside the other files of its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tlstudio.core.errors import UserError
from tlstudio.core.types import Split
from tlstudio.data.splits import write_split
from tlstudio.evaluation.run_split import read_run_split
from tlstudio.project.run_images import KnownImage, write_known_images
from tlstudio.project.runs import RunFolder

SPLIT = Split(
    assignment={"a": "train", "b": "train", "c": "validation", "d": "test"},
    seed=0,
    validation_fraction=0.25,
    test_fraction=0.25,
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path)
    write_split(run.split, SPLIT)
    return run


def finish(run: RunFolder, **images: int) -> None:
    values = {"status": "finished", "images": images, "validation": {"n": 0}, "test": {"n": 0}}
    run.metrics.write_text(json.dumps(values))


def note(run: RunFolder, *paths: str) -> None:
    images = [
        KnownImage(path=path, split=SPLIT.assignment[path], sha256="0" * 64, near_hash="") for path in paths
    ]
    write_known_images(run.images, images)


def test_a_sound_split_is_read(run: RunFolder):
    assert read_run_split(run) == SPLIT
    finish(run, train=2, validation=1, test=1)
    note(run, "a", "b", "c")
    assert read_run_split(run) == SPLIT


def test_a_run_that_learned_from_its_validation_images_lists_them_as_such(run: RunFolder):
    finish(run, train=2, validation=1, test=1)
    learned = [KnownImage(path=path, split="train", sha256="0" * 64, near_hash="") for path in "abc"]
    write_known_images(run.images, learned)
    assert read_run_split(run) == SPLIT


def test_a_split_that_lost_rows_is_refused(run: RunFolder):
    finish(run, train=2, validation=1, test=2)
    with pytest.raises(UserError, match=r"split\.csv is damaged: it names 1 test images?, but .* had 2"):
        read_run_split(run)


def test_a_list_of_images_that_lost_rows_is_blamed_itself(run: RunFolder):
    finish(run, train=2, validation=1, test=1)
    note(run, "a", "c")
    with pytest.raises(UserError, match=r"images\.csv is damaged: it lists 2 images, but .* by 3") as raised:
        read_run_split(run)
    assert "Delete this file" in raised.value.mend


def test_a_split_of_other_images_is_refused(run: RunFolder):
    note(run, "a", "c")
    with pytest.raises(UserError, match=r"split\.csv and images\.csv name different images"):
        read_run_split(run)
