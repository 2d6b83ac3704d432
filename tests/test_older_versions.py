"""A project with runs that version 0.1.0 made opens, replays, resumes, trains and exports."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import EpochEnded, JobCancelled, JobSucceeded, TrialEnded, ignore
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import read_split
from tlstudio.evaluation.run_result import read_run_result
from tlstudio.evaluation.run_summary import summarise
from tlstudio.export.export import export_run
from tlstudio.project.runs import RunFolder, list_runs
from tlstudio.project.store import Project
from tlstudio.report.html import write_report
from tlstudio.specs.recipe import build_recipe, read_recipe
from tlstudio.training.run.run import train_run

FIXTURE = Path(__file__).parent / "fixtures" / "made_by_0.1"
PLACE_THEN = b"/made/by/0.1"


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A copy of the fixture in which the runs say where it lies now."""
    folder = tmp_path / "made"
    shutil.copytree(FIXTURE, folder)
    for file in (folder / "project" / "runs").rglob("*.json*"):
        file.write_bytes(file.read_bytes().replace(PLACE_THEN, str(folder).encode()))
    return folder


@pytest.fixture
def project(made: Path):
    with Project(made / "project") as opened:
        opened.move_images_root(made / "images")
        yield opened


def run_of(project: Project, name: str) -> RunFolder:
    return RunFolder(project.runs_folder / name)


def train(project: Project, run: RunFolder, **settings: Any) -> dict[str, Any]:
    """Train with the settings of a recipe; without any the run is resumed with its own."""
    return train_run(
        project.dataset(),
        run,
        build_recipe(settings),
        split=project.split(),
        resume=not settings,
        emit=ignore,
        control=Control(),
    )


def test_the_project_opens_with_labels_split_and_draft(project: Project, made: Path):
    assert project.name == "colours"
    labels = {image.path: image.label() for image in project.images()}
    assert len(labels) == 33
    assert labels["loose-0.jpg"] == "red"  # given by a person
    assert labels["loose-1.jpg"] is None
    assert all(label == path.split("/")[0] for path, label in labels.items() if "/" in path)
    assert project.image("loose-0.jpg").labelled_at is not None
    split = project.split()
    assert split is not None
    assert split.assignment == read_split(run_of(project, "run-1").split).assignment
    assert project.draft()["backbone"] == {"id": "efficientnet_lite0"}
    assert (made / "project" / "project.sqlite.v2-backup").is_file()


def test_its_images_are_read_again_and_its_label_can_be_undone(project: Project):
    before = [replace(image, labels={}) for image in project.images()]
    project.apply_scan(scan_folder(project.images_root))
    assert [replace(image, labels={}) for image in project.images()] == before
    assert project.image("loose-0.jpg").label() == "red"
    assert project.undo() == ["loose-0.jpg"]
    assert project.image("loose-0.jpg").label() is None
    assert project.undo() == []


@pytest.mark.parametrize("name", ["run-1", "run-3"])
def test_a_finished_run_replays_and_is_reported(project: Project, tmp_path: Path, name: str):
    run = run_of(project, name)
    events = run.read_events()
    lines = run.events.read_text(encoding="utf-8").splitlines()
    assert len(events) == len(lines)  # none is passed over
    assert any(isinstance(event, EpochEnded) for event in events)
    assert isinstance(events[-1], JobSucceeded)
    result = read_run_result(run)
    assert (result.test.n, result.classes) == (6, ("blue", "green", "red"))
    # Resuming a finished run gives its result again, and what was tried.
    again = train(project, run)
    tried = again.pop("tried", [])
    assert again == result.as_train_json(run.path)
    assert len(tried) == sum(isinstance(event, TrialEnded) for event in events)
    report = write_report(run, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "green" in report
    assert report.count("<img") >= 3  # curves, confusion matrix and calibration


def test_runs_are_listed_as_they_were(project: Project):
    states = {run.path.name: summarise(run).status for run in list_runs(project.runs_folder)}
    assert states == {"run-1": "finished", "run-2": "interrupted", "run-3": "finished"}


def test_a_cancelled_run_resumes_to_its_end(project: Project):
    run = run_of(project, "run-2")
    before = run.read_events()
    assert isinstance(before[-1], JobCancelled)
    result = train(project, run)
    assert result["status"] == "finished"
    assert result["epochs"] == 4
    events = run.read_events()
    assert events[: len(before)] == before
    learnt = [event.epoch for event in events if isinstance(event, EpochEnded)]
    assert learnt[-2:] == [3, 4]  # the epochs that it had are not trained again
    assert isinstance(events[-1], JobSucceeded)
    assert run.best_checkpoint.is_file()


def test_a_new_run_trains_beside_the_old_ones(project: Project):
    old = read_recipe(run_of(project, "run-1").recipe)
    run = run_of(project, "run-4")
    settings = old.model_dump(include={"backbone", "strategy", "freeze", "seed", "device", "threads"})
    settings["backbone"].pop("weights_sha256")
    result = train(project, run, **settings)
    assert result["status"] == "finished"
    new = read_recipe(run.recipe)
    assert new.data_sha256 == old.data_sha256
    assert new.backbone.weights_sha256 == old.backbone.weights_sha256
    assert result["test"] == train(project, run_of(project, "run-1"))["test"]


def test_a_run_does_not_resume_on_other_labels(project: Project):
    project.set_label(["red/red-0.jpg"], class_name="blue")
    with pytest.raises(UserError, match="changed since it started"):
        train(project, run_of(project, "run-2"))


@pytest.mark.usefixtures("quick_readback")
def test_a_run_exports_with_the_same_predictions(project: Project, tmp_path: Path):
    result = export_run(run_of(project, "run-1"), format_id="onnx", out=tmp_path / "model.onnx")
    assert result.file.is_file()
    assert result.parity.n > 0
    assert result.parity.same_class == result.parity.n
    assert result.parity.max_abs_difference < 1e-3
