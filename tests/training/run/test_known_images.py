"""A run notes which images it learns from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.tiny import Photos, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.core.events import ClassifierEvaluated, Event, StageStarted
from tlstudio.data.splits import read_split
from tlstudio.project.run_images import TEST_SIDE, read_known_images
from tlstudio.project.runs import RunFolder
from tlstudio.training.run import known_images

pytestmark = pytest.mark.usefixtures("tiny")


def test_training_and_validation_images_are_noted_and_test_images_apart(photos: Photos, tmp_path: Path):
    train(photos(per_class=10), tmp_path / "run", split={"validation": 0.2, "test": 0.2})
    run = RunFolder(tmp_path / "run")
    split = read_split(run.split)
    noted = read_known_images(run.images)
    assert {image.path: image.split for image in noted} == {
        path: side for path, side in split.assignment.items() if side != "test"
    }
    assert all(len(image.sha256) == len(image.near_hash) == 64 for image in noted)
    assert len({image.near_hash for image in noted}) == len(noted)
    tested = read_known_images(run.test_images, sides=TEST_SIDE)
    assert [image.path for image in tested] == list(split.paths("test"))
    assert {(len(image.sha256), image.near_hash) for image in tested} == {(64, "")}


def test_a_resumed_run_keeps_its_notes(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = photos(per_class=8)
    train(root, tmp_path / "run")
    (tmp_path / "run" / "metrics.json").unlink()
    before = (tmp_path / "run" / "images.csv").read_bytes()
    monkeypatch.setattr(known_images, "hash_files", None)
    train(root, tmp_path / "run", resume=True)
    assert (tmp_path / "run" / "images.csv").read_bytes() == before


def test_the_next_run_on_the_same_images_looks_at_none_of_them_again(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = photos(per_class=8)
    train(root, tmp_path / "first")
    monkeypatch.setattr(known_images, "hash_files", None)
    train(root, tmp_path / "second")
    first, second = ((tmp_path / name / "images.csv").read_bytes() for name in ("first", "second"))
    assert first == second


def test_what_is_remembered_is_bounded(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(known_images, "MOST_REMEMBERED", 10)
    monkeypatch.setattr(known_images, "_remembered", {})
    for seed, name in enumerate(("first", "second")):
        train(photos(name=name, per_class=8, seed=seed), tmp_path / f"run-{name}")
        noted = read_known_images(RunFolder(tmp_path / f"run-{name}").images)
        assert all(image.near_hash for image in noted)
        assert len(known_images._remembered) == len(noted)


def test_a_run_that_ended_before_its_pictures_were_noted_notes_them_when_it_is_resumed(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(known_images, "_remembered", {})
    root, run, control = photos(per_class=8), RunFolder(tmp_path / "run"), Control()

    def cancel(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "recognising":
            control.cancel()

    with pytest.raises(Cancelled):
        train(root, run.path, emit=cancel, control=control)
    assert not any(image.near_hash for image in read_known_images(run.images))
    assert any(isinstance(event, ClassifierEvaluated) for event in run.read_events())
    train(root, run.path, resume=True)
    assert all(image.near_hash for image in read_known_images(run.images))


def test_a_resumed_older_run_notes_its_test_images(photos: Photos, tmp_path: Path):
    root, run = photos(per_class=8), RunFolder(tmp_path / "run")
    train(root, run.path, split={"validation": 0.2, "test": 0.2})
    before = run.test_images.read_bytes()
    run.metrics.unlink()
    run.test_images.unlink()
    train(root, run.path, resume=True)
    assert run.test_images.read_bytes() == before
