"""The jobs take and give plain JSON values, and do what the door to the engine does."""

import csv
import dataclasses
import inspect
import json
import shutil

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.core.events import ignore
from tlstudio.core.files import cache_dir
from tlstudio.data import samples
from tlstudio.engine.jobs import JOBS
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.project.store import Project

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
    (answers,) = read_predictions_csv(value.pop("predictions")).values()
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


def test_report_and_export_of_a_run_whose_images_moved(ask, trained_run, tmp_path):
    out = tmp_path / "report.html"
    assert ask("report", run=str(trained_run.run), out=str(out)) == {"file": str(out)}
    assert out.exists()
    run, images = tmp_path / "run-2", tmp_path / "moved"
    shutil.copytree(trained_run.run, run)
    shutil.copytree(trained_run.images, images)
    recipe = (run / "recipe.json").read_text(encoding="utf-8")
    (run / "recipe.json").write_text(recipe.replace(str(trained_run.images), "/gone"), encoding="utf-8")
    asked = {"run": str(run), "format": "portable", "out": str(tmp_path / "model")}
    value = ask("export", **asked, images_root=str(images))
    assert set(value) == {"file", "bytes", "parity"}
    assert value["parity"]["n"] == 42


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
