"""Runs that were killed, cancelled or stopped, and gone on with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import make_photos
from tests.training.tiny import FINE, RECIPES, Photos, same_weights, tiny_backbone, train
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import BatchEnded, EpochEnded, Event, StageStarted
from tlstudio.evaluation.comparisons import read_comparisons
from tlstudio.models.frozen.runtime_choice import SETTING
from tlstudio.project.runs import RunFolder, open_run
from tlstudio.training.run import assembly, known_images, look_back
from tlstudio.training.run import run as run_module
from tlstudio.training.state import TrainingState
from tlstudio.training.trials.pretraining_gain import measure_pretraining

pytestmark = pytest.mark.usefixtures("tiny")

Values = dict[str, Any]


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path, Values]]:
    """By recipe: the images, a run on them in one go, and its result; each is trained once."""
    images = make_photos(tmp_path_factory.mktemp("uninterrupted") / "photos")
    known: dict[str, tuple[Path, Path, Values]] = {}

    def run(name: str) -> tuple[Path, Path, Values]:
        if name not in known:
            folder = images.parent / name
            with pytest.MonkeyPatch.context() as patch:  # the cache of the test stays empty
                patch.setenv("TLSTUDIO_CACHE", str(images.parent / "cache"))
                known[name] = images, folder, train(images, folder, **RECIPES[name])
        return known[name]

    return run


QUICK = [
    ("probe", "evaluation"),
    ("hidden", "epoch 1"),
    ("fine", "recognising"),
    ("fine", "epoch 2"),
    ("fine", "evaluation"),
    ("fine-everything", "epoch 1"),
]
MOMENTS = [
    pytest.param(name, moment, marks=[] if (name, moment) in QUICK else pytest.mark.exhaustive)
    for name in ("probe", "hidden", "fine", "fine-everything")
    for moment in ("recognising", "features", "epoch 1", "epoch 2", "evaluation")
    # With nothing frozen there are no features, and all images are read when they are recognised.
    if (name, moment) != ("fine-everything", "features")
]


@pytest.mark.parametrize(("name", "moment"), MOMENTS)
@pytest.mark.usefixtures("fresh_cache")
def test_a_killed_run_ends_bit_equal_after_resume(
    uninterrupted: Callable[[str], tuple[Path, Path, Values]],
    tmp_path: Path,
    name: str,
    moment: str,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(
        run_module, "TrainingState", lambda **rest: TrainingState(**rest, checkpoint_seconds=0.0)
    )

    def kill(event: Event) -> None:
        stage = isinstance(event, StageStarted) and event.stage == moment
        if stage or (isinstance(event, EpochEnded) and f"epoch {event.epoch}" == moment):
            raise Killed

    root, whole, wanted = uninterrupted(name)
    monkeypatch.setattr(known_images, "_remembered", {})  # as in a process of its own
    with pytest.raises(Killed):
        train(root, tmp_path / "torn", emit=kill, **RECIPES[name])
    result = train(root, tmp_path / "torn", resume=True, epochs=1)
    assert same_weights(tmp_path / "torn", whole)
    assert {**result, "run": "", "seconds": 0} == {**wanted, "run": "", "seconds": 0}
    told = [
        [event.epoch for event in open_run(run).read_events() if isinstance(event, EpochEnded)]
        for run in (tmp_path / "torn", whole)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "name",
    [
        "metrics.json",
        "comparisons.json",
        "predictions.csv",
        "environment.json",
        "checkpoints/best.safetensors",
    ],
)
def test_resume_rewrites_damaged_results(name: str, photos: Photos, tmp_path: Path):
    before = train(photos(), tmp_path / "run")
    file = tmp_path / "run" / name
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] + b"\xff")
    after = train(tmp_path / "photos", tmp_path / "run", resume=True)
    assert after["test"] == before["test"]
    assert len(file.read_bytes()) == pytest.approx(len(whole), abs=40)  # the seconds differ


def test_an_interrupted_run_with_damaged_comparisons_makes_them_again(photos: Photos, tmp_path: Path):
    interrupted(photos(), tmp_path / "run")
    run = open_run(tmp_path / "run")
    run.comparisons.write_text("{", encoding="utf-8")
    train(tmp_path / "photos", tmp_path / "run", resume=True)
    assert read_comparisons(run).pretraining is not None


def test_a_run_killed_while_pretraining_is_judged_judges_it_the_same(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(look_back, "measure_pretraining", measure_pretraining)
    for module in (look_back, assembly):
        monkeypatch.setattr(
            module, "load_backbone", lambda *_, pretrained=True, **__: tiny_backbone(seed=pretrained)
        )

    def kill(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "pretraining":
            raise Killed

    train(photos(), tmp_path / "whole")
    with pytest.raises(Killed):
        train(tmp_path / "photos", tmp_path / "torn", emit=kill)
    train(tmp_path / "photos", tmp_path / "torn", resume=True)
    whole, torn = (read_comparisons(open_run(tmp_path / name)).pretraining for name in ("whole", "torn"))
    assert whole == torn is not None
    assert whole.n == 21


def test_resume_without_a_run_starts_one(photos: Photos, tmp_path: Path):
    assert train(photos(), tmp_path / "run", resume=True)["status"] == "finished"


def interrupted(root: Path, run: Path) -> None:
    def kill(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "training":
            raise Killed

    with pytest.raises(Killed):
        train(root, run, emit=kill, **FINE)


@pytest.mark.parametrize("damaged", [False, True])
def test_a_resumed_run_keeps_its_runtime(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damaged: bool
):
    monkeypatch.setenv(SETTING, "onnx-runtime")
    interrupted(photos(), tmp_path / "run")
    run = open_run(tmp_path / "run")
    begun = run.read_json(run.environment)["runtime"]
    assert begun["runtime"] == "onnx-runtime"
    if damaged:
        run.environment.write_text('{"runtime": {"speed": 3}}', encoding="utf-8")
    monkeypatch.setenv(SETTING, "torch-fp32")
    train(tmp_path / "photos", tmp_path / "run", resume=True)
    anew = {"runtime": "torch-fp32", "batch_size": 4}
    assert run.read_json(run.environment)["runtime"] == (anew if damaged else begun)


def test_images_added_later_are_left_out_and_named(photos: Photos, tmp_path: Path):
    root = photos()
    interrupted(root, tmp_path / "run")
    added = photos(name="more", seed=1) / "ants" / "photo-001.jpg"
    shutil.copy(added, root / "ants" / "new.jpg")
    result = train(root, tmp_path / "run", resume=True)
    assert sum(result["images"][key] for key in ("train", "validation", "test")) == 24
    assert any("added after this run began" in warning for warning in result["warnings"])


def test_deleted_images_prevent_a_resume(photos: Photos, tmp_path: Path):
    root = photos()
    interrupted(root, tmp_path / "run")
    (root / "ants" / "photo-001.jpg").unlink()
    with pytest.raises(UserError, match=r"no longer there.*ants/photo-001\.jpg"):
        train(root, tmp_path / "run", resume=True)


def test_changed_images_prevent_a_resume(photos: Photos, tmp_path: Path):
    root = photos()
    interrupted(root, tmp_path / "run")
    shutil.copy(photos(name="more", seed=1) / "ants/photo-001.jpg", root / "ants/photo-001.jpg")
    with pytest.raises(UserError, match="changed since it started"):
        train(root, tmp_path / "run", resume=True)


def test_other_weights_prevent_a_resume(photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    root = photos()
    interrupted(root, tmp_path / "run")
    monkeypatch.setattr(assembly, "load_backbone", lambda *args, **rest: tiny_backbone(seed=1))
    with pytest.raises(UserError, match="weights of the backbone"):
        train(root, tmp_path / "run", resume=True)


def test_a_cancelled_run_can_be_resumed(photos: Photos, tmp_path: Path):
    root, control = photos(), Control()

    def cancel(event: Event) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2:
            control.cancel()

    with pytest.raises(Cancelled):
        train(root, tmp_path / "run", emit=cancel, control=control, **FINE)
    assert not RunFolder(tmp_path / "run").finished
    assert train(root, tmp_path / "run", resume=True)["epochs"] == 3


def test_stop_finishes_with_the_best_so_far(photos: Photos, tmp_path: Path):
    control = Control()

    def stop(event: Event) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2:
            control.stop()

    root = photos()
    result = train(root, tmp_path / "run", emit=stop, control=control, **FINE)
    assert result["status"] == "stopped"
    assert result["epochs"] == 1
    assert result["test"]["n"] > 0
    assert train(root, tmp_path / "run", resume=True) == result


@pytest.mark.parametrize(("command", "ended"), [("cancel", ["JobCancelled"]), ("leave", [])])
@pytest.mark.usefixtures("fresh_cache")
def test_only_a_run_that_the_person_cancelled_says_so(
    photos: Photos, tmp_path: Path, command: str, ended: list[str]
):
    control = Control()

    def leave(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "features":
            getattr(control, command)()

    with pytest.raises(Cancelled):
        train(photos(), tmp_path / "run", emit=leave, control=control, **RECIPES["probe"])
    names = [type(event).__name__ for event in RunFolder(tmp_path / "run").read_events()]
    assert [name for name in names if name.startswith("Job")] == ended
