"""The jobs take and give plain JSON values, and do what the door to the engine does."""

import csv
import dataclasses
import inspect
import json
import os
from pathlib import Path

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import ignore
from tlstudio.core.files import cache_dir
from tlstudio.core.types import Parity
from tlstudio.engine.jobs import JOBS
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.export.export import ExportResult
from tlstudio.models.runtime_choice import SETTING
from tlstudio.project.store import Project
from tlstudio.samples import make as samples

pytestmark = pytest.mark.usefixtures("tiny_backbones")


@pytest.fixture
def ask():
    """Asks for a job as the window does; arguments and result pass through JSON."""

    def submit(kind: str, **arguments):
        plain = json.loads(json.dumps(arguments))
        result = JOBS[kind](run_id="job", emit=ignore, control=Control(), **plain)
        return json.loads(json.dumps(result))

    return submit


@pytest.fixture
def folder(tmp_path, photos):
    """A project of three classes of eight photos, not scanned yet."""
    Project.create(tmp_path / "project", name="Insects", images_root=photos()).close()
    return str(tmp_path / "project")


def test_every_job_takes_what_the_engine_gives_and_only_keywords():
    for kind, job in JOBS.items():
        parameters = inspect.signature(job).parameters
        assert {"run_id", "emit", "control"} <= set(parameters), kind
        assert all(one.kind is one.KEYWORD_ONLY for one in parameters.values()), kind


def test_the_window_asks_for_no_job_that_is_not_there():
    from tests.gui.fake_engine import JOBS as FAKE

    assert set(JOBS) == set(FAKE) - {"wait"}
    for kind, job in JOBS.items():
        named = set(inspect.signature(FAKE[kind]).parameters) - {"_"}
        assert named <= set(inspect.signature(job).parameters), kind


def test_a_project_is_scanned_divided_checked_and_trained(ask, folder, tmp_path):
    assert ask("scan", project=folder)["images"] == 24
    sides = ask("split", project=folder, validation=0.25, test=0.25, seed=1)
    assert (sides["train"], sides["validation"], sides["test"]) == (12, 6, 6)
    assert {"check", "severity", "message", "paths"} <= set(ask("check", project=folder)["findings"][0])
    recipe = {"device": "cpu", "threads": 1}
    result = ask("train", project=folder, run=str(tmp_path / "run"), recipe=recipe, resume=False)
    assert result["images"] == {"train": 12, "validation": 6, "test": 6, "skipped": 0}
    assert ask("train", project=folder, run=str(tmp_path / "run"), recipe={}, resume=True) == result


def test_settings_that_make_no_sense_start_no_run(ask, folder, tmp_path):
    ask("scan", project=folder)
    with pytest.raises(UserError, match="epochs"):
        ask("train", project=folder, run=str(tmp_path / "run"), recipe={"epochs": 0}, resume=False)
    assert not (tmp_path / "run").exists()


def test_a_sample_lies_in_the_cache_and_is_drawn_once(ask, fresh_cache, monkeypatch):
    few = tuple(dataclasses.replace(sample, images_per_class=1) for sample in samples.SAMPLES)
    monkeypatch.setattr(samples, "SAMPLES", few)
    answer = ask("sample", sample="handwritten-digits")
    files = {file: file.stat().st_mtime_ns for file in cache_dir().rglob("*.png")}
    assert len(files) == 10
    assert all(str(file).startswith(answer["folder"]) for file in files)
    assert ask("sample", sample="handwritten-digits") == answer
    assert {file: file.stat().st_mtime_ns for file in cache_dir().rglob("*.png")} == files


def test_an_evaluation_brings_its_answers(ask, trained_run, photos):
    one, other = photos(per_class=3, seed=7), photos(per_class=2, seed=8, name="other")
    value = ask("evaluate", run=str(trained_run.run), images=str(one))
    (answers,) = read_predictions_csv(Path(value.pop("predictions"))).values()
    assert value["n"] == len(answers.paths) == 9
    assert sum(map(sum, value["confusion"])) == 9
    again = ask("evaluate", run=str(trained_run.run), images=str(other))
    assert again["n"] == 6  # and the answers of the first folder are still there
    assert ask("evaluate", run=str(trained_run.run), images=str(one))["predictions"] != again["predictions"]


def test_answers_of_many_images_stay_in_the_csv(ask, trained_run, tmp_path):
    files = [str(file) for file in sorted((trained_run.images / "bees").iterdir())[:2]]
    told = ask("predict", model=str(trained_run.run), paths=files, csv=None)["predictions"]
    assert [set(row["probabilities"]) for row in told] == [{"ants", "bees", "leaves"}] * 2
    out = tmp_path / "out.csv"
    brief = ask("predict", model=str(trained_run.run), paths=files, csv=str(out))["predictions"]
    assert brief == [{key: row[key] for key in row if key != "probabilities"} for row in told]
    with out.open(encoding="utf-8", newline="") as stream:
        assert [row["class"] for row in csv.DictReader(stream)] == [row["class"] for row in told]


def test_report_of_a_run(ask, trained_run, tmp_path):
    out = tmp_path / "report.html"
    assert ask("report", run=str(trained_run.run), out=str(out)) == {"file": str(out)}
    assert out.exists()


def test_an_export_looks_for_the_images_where_the_project_says(ask, trained_run, tmp_path, monkeypatch):
    """tests/test_workflow.py exports; here it is what the job makes of the window's words."""
    asked = {}

    def export_run(run, *, format_id, out, images_root, **rest):
        asked.update(run=run.path, format_id=format_id, images_root=images_root)
        return ExportResult(file=out, bytes=4, parity=Parity(n=5, same_class=5, max_abs_difference=0.0))

    monkeypatch.setattr("tlstudio.operations.workflow.export_run", export_run)
    where = {"run": str(trained_run.run), "out": str(tmp_path / "m.onnx"), "images_root": str(tmp_path)}
    value = ask("export", **where, format="onnx-tensor")
    assert asked == {"run": trained_run.run, "format_id": "onnx-tensor", "images_root": tmp_path}
    parity = {"n": 5, "same_class": 5, "max_abs_difference": 0.0}
    assert value == {"file": str(tmp_path / "m.onnx"), "bytes": 4, "parity": parity}


def test_stages_tell_how_a_backbone_is_cut(ask, monkeypatch):
    from tests.training.tiny import tiny_backbone

    asked = []
    monkeypatch.setattr(
        "tlstudio.engine.jobs.load_backbone",
        lambda name, **rest: asked.append((name, rest["pretrained"])) or tiny_backbone(),
    )
    value = ask("stages", backbone="tiny", weights_file=None)
    assert [stage["name"] for stage in value["stages"]] == ["stem", "middle", "top"]
    parameters = sum(parameter.numel() for parameter in tiny_backbone().parameters())
    assert sum(stage["parameters"] for stage in value["stages"]) == parameters
    assert (value["feature_size"], value["input_size"]) == (24, 32)
    ask("stages", backbone="tiny", weights_file="own.safetensors")
    assert asked == [("tiny", False), ("tiny", True)]  # without a file nothing needs to be fetched


def test_other_backbones_are_found_by_a_part_of_their_name(ask):
    found = ask("search_backbones", text="resnet34")["ids"]
    assert found
    assert all("resnet34" in name for name in found)


def test_weights_that_are_here_need_no_network(ask, no_network):
    path = ask("download", backbone="efficientnet_lite0")["path"]
    assert path.endswith((".safetensors", ".pth", ".pt"))
    with pytest.raises(UserError, match="efficientnet_litte0"):
        ask("download", backbone="efficientnet_litte0")


def test_a_training_is_estimated_before_it_begins(ask, folder, monkeypatch):
    from tests.training.tiny import tiny_backbone

    monkeypatch.setattr("tlstudio.training.planning.cost_probe.load_backbone", tiny_backbone)
    ask("scan", project=folder)
    told = ask("estimate", project=folder, recipe={"device": "cpu", "threads": 1})
    assert told["total_seconds"] > told["features_seconds"] > 0
    assert told["seconds_per_epoch"] is None
    assert told["cache_bytes"] > 0
    unknown = ask("estimate", project=folder, recipe={"strategy": "fine-tune", "freeze": "auto"})
    assert set(unknown.values()) == {None}
    with Project(Path(folder)) as project:
        assert not project.runs_folder.exists() or not any(project.runs_folder.iterdir())


def test_the_runtime_counts_from_the_next_job_on(ask, monkeypatch):
    monkeypatch.setenv(SETTING, "auto")
    there = ask("runtimes")["ids"]
    assert "torch-fp32" in there
    ask("use_runtime", runtime="torch-fp32")
    assert os.environ[SETTING] == "torch-fp32"
