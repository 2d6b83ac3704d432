"""The door to the engine, with a tiny backbone: what the command line and the window both rely on."""

import csv
import dataclasses
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.training.tiny import tiny_backbone
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import WarningRaised, ignore
from tlstudio.core.recipe import Recipe, build_recipe
from tlstudio.core.types import Parity
from tlstudio.data.splits import read_split
from tlstudio.export.export import ExportResult
from tlstudio.operations import workflow
from tlstudio.project.store import Project
from tlstudio.samples import make as samples

pytestmark = pytest.mark.usefixtures("tiny_backbones")

CHEAP = {"device": "cpu", "threads": 1}


@pytest.fixture
def work():
    """What every function of the door is given beside its own arguments."""
    return {"run_id": "job", "emit": ignore, "control": Control()}


@pytest.fixture
def project(tmp_path, photos):
    """A project of three classes of eight photos, not scanned yet."""
    with Project.create(tmp_path / "project", name="Insects", images_root=photos()) as opened:
        yield opened


# ---- folders ---------------------------------------------------------------------------------------------


def test_check_counts_by_class_and_names_what_is_wrong(photos, work):
    root = photos(per_class=4)
    shutil.copy(root / "ants" / "photo-000.jpg", root / "bees" / "the-same.jpg")
    value = workflow.check(root, **work)
    assert value["images"] == 13
    assert value["classes"] == {"ants": 4, "bees": 5, "leaves": 4}
    found = {path for finding in value["findings"] for path in finding["paths"]}
    assert {"ants/photo-000.jpg", "bees/the-same.jpg"} <= found


def test_train_leaves_a_run_that_evaluate_reads(photos, work, tmp_path):
    recipe = build_recipe({**CHEAP, "split": {"validation": 0.2, "test": 0.25}})
    result = workflow.train(photos(), run=tmp_path / "run", recipe=recipe, **work)
    assert result["classes"] == ["ants", "bees", "leaves"]
    metrics = workflow.evaluate(tmp_path / "run", **work).primary.metrics
    assert (metrics.accuracy, metrics.n) == (result["test"]["accuracy"], result["test"]["n"])


def test_a_run_without_test_images_says_what_to_do(photos, work, tmp_path):
    recipe = build_recipe({**CHEAP, "split": {"test": 0}})
    workflow.train(photos(), run=tmp_path / "run", recipe=recipe, **work)
    with pytest.raises(UserError, match="no images for testing") as caught:
        workflow.evaluate(tmp_path / "run", **work)
    assert "--images" in caught.value.mend


def test_damaged_figures_are_said(trained_run, work, tmp_path):
    run = shutil.copytree(trained_run.run, tmp_path / "run")
    (run / "metrics.json").write_text('{"a": 1}')
    with pytest.raises(UserError, match="is damaged"):
        workflow.evaluate(run, **work)


def test_a_sample_is_drawn_once(work, tmp_path, monkeypatch):
    monkeypatch.setattr(samples, "SAMPLES", (dataclasses.replace(samples.SAMPLES[1], images_per_class=2),))
    first = workflow.sample("handwritten-digits", out=tmp_path / "digits", **work)
    files = {file: file.stat().st_mtime_ns for file in first.rglob("*.png")}
    assert len(files) == 20
    assert workflow.sample("handwritten-digits", out=tmp_path / "digits", **work) == first
    assert {file: file.stat().st_mtime_ns for file in first.rglob("*.png")} == files


# ---- a run on other images -------------------------------------------------------------------------------


def test_classes_the_model_does_not_know_are_left_out_and_said(trained_run, photos, work):
    root = photos(classes=("ants", "bees", "wasps"), per_class=5, seed=3)
    said = []
    evaluation = workflow.evaluate(trained_run.run, images=root, **{**work, "emit": said.append})
    assert evaluation.n == 10
    assert {path.split("/")[0] for path in evaluation.primary.predictions.paths} == {"ants", "bees"}
    (warning,) = [event for event in said if isinstance(event, WarningRaised)]
    assert warning.code == "unknown-classes"
    assert "wasps" in warning.message
    assert "ants" not in warning.message


def test_no_class_the_model_knows_is_an_error(trained_run, photos, work):
    with pytest.raises(UserError, match="ants, bees, leaves"):
        workflow.evaluate(trained_run.run, images=photos(classes=("wasps", "flies"), per_class=2), **work)


def test_images_of_the_run_get_the_figures_of_the_run(trained_run, work, tmp_path):
    """The test images, in a folder of their own, are answered as at the end of training."""
    for path in read_split(trained_run.run / "split.csv").paths("test"):
        (tmp_path / "test" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(trained_run.images / path, tmp_path / "test" / path)
    again = workflow.evaluate(trained_run.run, images=tmp_path / "test", **work)
    once = workflow.evaluate(trained_run.run, **work)
    assert again.primary.metrics.confusion == once.primary.metrics.confusion
    assert again.n == once.n > 0


def test_a_run_that_never_finished_has_no_model(trained_run, work, tmp_path):
    run = Path(shutil.copytree(trained_run.run, tmp_path / "run-2"))
    (run / "checkpoints" / "best.safetensors").unlink()
    with pytest.raises(UserError, match="no trained model") as caught:
        list(workflow.predict(run, [trained_run.images], **work))
    assert "--resume" in caught.value.mend


def test_report_of_a_run(trained_run, tmp_path):
    report = workflow.report(trained_run.run, out=tmp_path / "report.html")
    assert "ants" in report.read_text(encoding="utf-8")


def test_export_of_a_run_whose_images_were_moved_answers_as_the_run_does(trained_run, work, tmp_path):
    run = Path(shutil.copytree(trained_run.run, tmp_path / "run-2"))
    recipe = (run / "recipe.json").read_text(encoding="utf-8")
    (run / "recipe.json").write_text(
        recipe.replace(str(trained_run.images), "/no/longer/here"), encoding="utf-8"
    )
    where = {"format_id": "onnx", "out": tmp_path / "model.onnx"}
    value = workflow.export(run, **where, images_root=trained_run.images, **work)
    assert set(value) == {"file", "bytes", "parity"}
    assert value["bytes"] == (tmp_path / "model.onnx").stat().st_size
    assert value["parity"]["same_class"] == value["parity"]["n"] == 32
    images = sorted((trained_run.images / "leaves").iterdir())[:3]
    wanted = [answer.class_name for answer in workflow.predict(run, images, **work)]
    for model in (run / "checkpoints" / "best.safetensors", Path(value["file"])):
        assert [answer.class_name for answer in workflow.predict(model, images, **work)] == wanted


# ---- predictions -----------------------------------------------------------------------------------------


def test_answers_for_a_folder_with_a_bad_file_and_a_csv(trained_run, photos, work, tmp_path):
    root = photos(per_class=2)
    (root / "ants" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    (root / ".hidden").mkdir()
    shutil.copy(root / "ants" / "photo-000.jpg", root / ".hidden" / "a.jpg")
    file = tmp_path / "answers.csv"
    answers = workflow.predict(trained_run.run, [root], csv_file=file, **work)
    first = next(answers)
    assert not file.exists()  # in place only when all is done
    told = [first, *answers]
    assert [Path(answer.path).name for answer in told if answer.error] == ["torn.jpg"]
    assert len(told) == 7
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["path", "class", "probability", "ants", "bees", "leaves", "error"]
    assert [row["path"] for row in rows] == [answer.path for answer in told]
    for row, answer in zip(rows, told, strict=True):
        assert row["class"] == (answer.class_name or "")
        assert bool(row["error"]) == (answer.error is not None)
        if answer.probability is not None:
            assert float(row[row["class"]]) == pytest.approx(answer.probability, abs=1e-6)


def test_nothing_is_written_when_cancelled(trained_run, work, tmp_path):
    file = tmp_path / "answers.csv"
    answers = workflow.predict(trained_run.run, [trained_run.images], csv_file=file, **work)
    next(answers)
    work["control"].cancel()
    with pytest.raises(Cancelled):
        list(answers)
    assert not file.exists()


def test_files_are_taken_as_named_and_folders_with_all_below(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    for name in ("a/2.jpg", "a/b/1.jpg", "a/.hidden.jpg", "a/Thumbs.db", "loose.txt", ".asked-for.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "elsewhere" / "linked.jpg").touch()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a", target_is_directory=True)
    asked = [tmp_path / ".asked-for.jpg", tmp_path / "a", tmp_path / "loose.txt"]
    files, closed = workflow.image_files(asked, control=Control())
    found = [str(file.relative_to(tmp_path)) for file in files]
    assert found == [".asked-for.jpg", "a/2.jpg", "a/b/1.jpg", "a/link/linked.jpg", "loose.txt"]
    assert closed == []
    with pytest.raises(UserError, match="is not there"):
        workflow.image_files([tmp_path / "nowhere.jpg"], control=Control())


def test_a_folder_without_files_is_said(trained_run, work, tmp_path):
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    with pytest.raises(UserError, match="There is no file in"):
        workflow.predict(trained_run.run, [tmp_path / "empty"], **work)


def test_a_name_that_is_no_text_is_answered_with_its_reason(trained_run, work, tmp_path):
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/im\xff.jpg")).touch()
    except OSError:
        pytest.skip("this file system allows only names that are text")
    shutil.copy(trained_run.images / "bees" / "photo-000.jpg", tmp_path / "good.jpg")
    good, bad = workflow.predict(trained_run.run, [tmp_path], **work)
    assert good.error is None
    assert "not text" in bad.error
    json.dumps(workflow.answer_json(bad), ensure_ascii=False).encode()


# ---- projects --------------------------------------------------------------------------------------------


def test_a_scan_keeps_labels_and_new_images_join_the_split(project, work):
    first = workflow.scan_project(project, **work)
    assert first["classes"] == {"ants": 8, "bees": 8, "leaves": 8}
    before = dict(project.split().assignment)
    assert len(before) == 24
    project.set_label(["ants/photo-001.jpg"], class_name="bees")
    added = project.images_root / "leaves" / "new.jpg"
    added.write_bytes((project.images_root / "leaves" / "photo-000.jpg").read_bytes())
    (project.images_root / "leaves" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    (project.images_root / "bees" / "photo-007.jpg").unlink()
    second = workflow.scan_project(project, **work)
    assert second["images"] == second["labelled"] == 24
    assert second["classes"] == {"ants": 7, "bees": 8, "leaves": 9}
    assert second["problems"] == 1
    assert project.image("ants/photo-001.jpg").label() == "bees"
    after = dict(project.split().assignment)
    assert {path: side for path, side in after.items() if path in before} == {
        path: side for path, side in before.items() if path != "bees/photo-007.jpg"
    }
    # The new image is a copy of a known one, so it must take its side.
    assert after["leaves/new.jpg"] == before["leaves/photo-000.jpg"]


def test_a_new_split_is_drawn_as_asked(project, work):
    workflow.scan_project(project, **work)
    value = workflow.split_project(project, validation=0.25, test=0.5, seed=3)
    assert (value["train"], value["validation"], value["test"]) == (6, 6, 12)
    assert project.split().seed == 3
    drawn = project.split().assignment
    workflow.split_project(project, validation=0.25, test=0.5, seed=4)
    assert project.split().assignment != drawn


def test_health_of_a_project_goes_by_its_labels_of_now(project, work):
    workflow.scan_project(project, **work)
    copy = project.images_root / "ants" / "copy.jpg"
    shutil.copy(project.images_root / "ants" / "photo-000.jpg", copy)
    workflow.scan_project(project, **work)

    def worst() -> str:
        found = workflow.check_project(project, control=Control())["findings"]
        return " ".join(f["severity"] for f in found if "ants/copy.jpg" in f["paths"])

    agree = worst()
    project.set_label(["ants/copy.jpg"], class_name="bees")
    assert worst() != agree  # the same image under two labels is worse than the same image twice


def test_training_a_project_uses_its_split_and_its_labels(project, work, tmp_path):
    (project.images_root / "loose.jpg").write_bytes(
        (project.images_root / "ants" / "photo-000.jpg").read_bytes() + b"\0"
    )
    workflow.scan_project(project, **work)
    workflow.split_project(project, validation=0.25, test=0.25, seed=5)
    assert "loose.jpg" not in project.split().assignment
    project.set_label(["loose.jpg"], class_name="ants")
    result = workflow.train_project(
        project, run=tmp_path / "run", recipe=build_recipe(CHEAP), resume=False, **work
    )
    assert result["images"] == {"train": 13, "validation": 6, "test": 6, "skipped": 0}
    assert "loose.jpg" in (tmp_path / "run" / "split.csv").read_text(encoding="utf-8")


def test_a_training_of_a_project_is_estimated_with_its_split(project, work, monkeypatch):
    monkeypatch.setattr("tlstudio.training.planning.cost_probe.load_backbone", tiny_backbone)
    workflow.scan_project(project, **work)
    before = project.split()
    told = workflow.estimate_project(project, recipe=build_recipe(CHEAP), control=Control())
    assert told["total_seconds"] >= told["features_seconds"] + told["evaluation_seconds"] > 0
    assert project.split() == before
    assert not project.runs_folder.is_dir() or not any(project.runs_folder.iterdir())


def test_the_draft_of_a_project_says_how_it_is_divided(project, work):
    project.save_draft(Recipe().model_dump(mode="json") | {"split": {"validation": 0.0, "test": 0.0}})
    workflow.scan_project(project, **work)
    assert set(project.split().assignment.values()) == {"train"}


# ---- the whole road --------------------------------------------------------------------------------------


def test_the_demo_walks_the_whole_road_and_goes_on_where_it_was(work, tmp_path, monkeypatch, photos):
    """With the tiny backbone, a few photos for the sample, and an export that only leaves its file."""
    images = photos()

    def quick_export(run, *, format_id, out, **rest):
        assert run.finished
        out.write_bytes(format_id.encode())
        return ExportResult(file=out, bytes=4, parity=Parity(n=32, same_class=32, max_abs_difference=0.0))

    monkeypatch.setattr(workflow, "make_sample", lambda sample_id, out, **rest: images)
    monkeypatch.setattr(workflow, "export_run", quick_export)
    value = workflow.demo(tmp_path / "demo", **work)
    assert set(value) == {"images", "run", "model", "report", "train", "export"}
    for key in ("images", "run", "model", "report"):
        assert Path(value[key]).exists(), key
    assert Path(value["model"]).read_bytes() == b"onnx"
    assert value["export"]["parity"]["n"] == 32
    trained = (Path(value["run"]) / "metrics.json").stat().st_mtime_ns
    Path(value["report"]).unlink()
    again = workflow.demo(tmp_path / "demo", **work)
    assert again["train"] == value["train"]
    assert (Path(value["run"]) / "metrics.json").stat().st_mtime_ns == trained
    assert Path(again["report"]).exists()
