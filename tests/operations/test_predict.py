"""Classifying files and folders."""

import csv
import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import Event, StageStarted, WarningRaised
from tlstudio.evaluation.asking import Answered, AskingRule, AskingRules, ClassRule, write_rules
from tlstudio.operations.context import Context
from tlstudio.operations.predict import iter_predictions
from tlstudio.project.runs import RunFolder
from tlstudio.specs.operations.predict import PredictArguments


def read(file):
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def context():
    return Context(run_id="job")


def test_a_folder_with_a_bad_file_is_classified_into_a_csv(trained_run, photos, context, tmp_path):
    root = photos(per_class=2)
    (root / "ants" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    (root / ".hidden").mkdir()
    shutil.copy(root / "ants" / "photo-000.jpg", root / ".hidden" / "a.jpg")
    file = tmp_path / "predictions.csv"
    arguments = PredictArguments(model=trained_run.run, paths=(root,), csv=file)
    predictions = iter_predictions(arguments, context)
    rows = list(predictions)
    assert [Path(row.path).name for row in rows if row.error] == ["torn.jpg"]
    assert len(rows) == 7
    lines = read(file)
    last = ["ask", "error", "date", "model"] if rows[0].ask else ["error", "date", "model"]
    assert list(lines[0]) == ["path", "class", "probability", "ants", "bees", "leaves", "unknown", *last]
    assert [line["unknown"] for line in lines] == [
        "" if row.unknown is None else f"{row.unknown:.6f}" for row in rows
    ]
    assert all(row.error or row.unknown is not None for row in rows)
    assert [line["path"] for line in lines] == [row.path for row in rows]
    for line, row in zip(lines, rows, strict=True):
        assert line["class"] == (row.class_name or "")
        assert bool(line["error"]) == (row.error is not None)
        if row.probability is not None:
            assert float(line[line["class"]]) == pytest.approx(row.probability, abs=1e-6)


def test_files_that_are_done_are_counted_among_all_that_were_named(trained_run, photos, tmp_path):
    root = photos(per_class=1)
    (root / "ants" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    (root / "ants" / "gone.jpg").symlink_to(tmp_path / "nowhere")
    twice = root / "ants" / "photo-000.jpg"
    arguments = PredictArguments(model=trained_run.run, paths=(root, twice), csv=tmp_path / "p.csv")
    list(iter_predictions(arguments, Context(run_id="job")))
    events: list[Event] = []
    rows = list(iter_predictions(arguments, Context(run_id="job", emit=events.append)))
    (told,) = [event.message for event in events if getattr(event, "code", "") == "continued"]
    assert told.startswith(f"4 of {len(rows)} files are in")
    assert sum(row.error is None for row in rows) == 4


def test_an_interrupted_table_keeps_its_rows_and_is_continued(trained_run, tmp_path):
    file, whole = tmp_path / "predictions.csv", tmp_path / "whole.csv"
    arguments = PredictArguments(model=trained_run.run, paths=(trained_run.images,), csv=file)
    list(iter_predictions(arguments.model_copy(update={"csv": whole}), Context(run_id="job")))
    interrupted = Context(run_id="job")
    predictions = iter_predictions(arguments, interrupted)
    seen = [next(predictions) for _ in range(3)]
    interrupted.control.cancel()
    with pytest.raises(Cancelled):
        seen += predictions
    kept = read(file)
    assert [line["path"] for line in kept] == [row.path for row in seen]

    events = []
    continued = list(iter_predictions(arguments, Context(run_id="job", emit=events.append)))
    (note,) = [event.message for event in events if isinstance(event, WarningRaised)]
    assert note.startswith(f"{len(seen)} of {len(continued)} files are in")
    asked = next(event for event in events if isinstance(event, StageStarted) and event.stage == "predict")
    assert asked.total == len(continued) - len(seen)
    assert file.read_bytes() == whole.read_bytes()

    events.clear()
    again = arguments.model_copy(update={"restart": True})
    list(iter_predictions(again, Context(run_id="job", emit=events.append)))
    assert not [event for event in events if isinstance(event, WarningRaised)]
    assert file.read_bytes() == whole.read_bytes()


def test_files_beside_photos_have_no_row_and_are_counted(trained_run, do, tmp_path):
    photo = trained_run.images / "bees" / "photo-000.jpg"
    shutil.copy(photo, tmp_path / "a.jpg")
    (tmp_path / "a.xmp").write_text("<x/>")
    (tmp_path / "notes.txt").write_text("battery changed")
    events = []
    result = do(
        "predict", model=trained_run.run, paths=[tmp_path], csv=tmp_path / "o.csv", emit=events.append
    )
    assert [Path(row["path"]).name for row in result["predictions"]] == ["a.jpg"]
    (note,) = [event.message for event in events if isinstance(event, WarningRaised)]
    assert note == "2 files are no image and passed over (1 .txt, 1 .xmp)."


def test_a_table_that_cannot_be_written_is_refused_before_the_model_is_opened(do, tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        do("predict", model=tmp_path / "no model", paths=[tmp_path], csv=tmp_path)


def test_a_table_beside_another_file_is_told(trained_run, do, tmp_path):
    (tmp_path / "labels.csv").write_text("image,label\n")
    events = []
    photo = trained_run.images / "bees" / "photo-000.jpg"
    result = do(
        "predict", model=trained_run.run, paths=[photo], csv=tmp_path / "labels.csv", emit=events.append
    )
    assert result["csv"] == str(tmp_path / "labels-2.csv")
    assert [line["path"] for line in read(tmp_path / "labels-2.csv")] == [str(photo)]
    assert [event.code for event in events if isinstance(event, WarningRaised)] == ["other-table"]


def test_probabilities_can_be_left_to_the_csv(trained_run, do, tmp_path):
    files = sorted((trained_run.images / "bees").iterdir())[:2]
    full = do("predict", model=trained_run.run, paths=files)["predictions"]
    assert [set(row["probabilities"]) for row in full] == [{"ants", "bees", "leaves"}] * 2
    out = tmp_path / "out.csv"
    brief = do("predict", model=trained_run.run, paths=files, csv=out, probabilities=False)["predictions"]
    assert brief == [{key: row[key] for key in row if key != "probabilities"} for row in full]
    assert [row["class"] for row in read(out)] == [row["class"] for row in full]


def test_a_run_that_never_finished_has_no_model(trained_run, do, tmp_path):
    run = Path(shutil.copytree(trained_run.run, tmp_path / "run-2"))
    (run / "checkpoints" / "best.safetensors").unlink()
    with pytest.raises(UserError, match="no trained model") as caught:
        do("predict", model=run, paths=[trained_run.images])
    assert "resume" in caught.value.mend


def test_an_exported_model_without_its_ending_is_told_apart_from_a_missing_run(trained_run, do, tmp_path):
    file = tmp_path / "model"
    file.write_bytes(b"an exported model")
    with pytest.raises(UserError, match=r"none of the endings of models \(\.onnx") as caught:
        do("predict", model=file, paths=[trained_run.images])
    assert "ending of its format" in caught.value.mend


def test_an_unfinished_run_answers_and_says_that_it_is_unfinished(trained_run, tiny_backbones, tmp_path):
    run = Path(shutil.copytree(trained_run.run, tmp_path / "run-2"))
    (run / "metrics.json").unlink()
    said: list[Event] = []
    arguments = PredictArguments(model=run, paths=[trained_run.images / "bees"])
    assert list(iter_predictions(arguments, Context(run_id="job", emit=said.append)))
    (warning,) = [event for event in said if isinstance(event, WarningRaised)]
    assert warning.message.startswith("run-2 is not finished: ")
    said.clear()
    list(
        iter_predictions(
            arguments.model_copy(update={"model": trained_run.run}), Context(run_id="job", emit=said.append)
        )
    )
    assert not [event for event in said if isinstance(event, WarningRaised)]


def test_images_are_copied_into_class_folders_beside_the_table(trained_run, photos, tmp_path):
    root = photos(per_class=2)
    (root / "ants" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    before = sorted(root.rglob("*"))
    events: list[Event] = []
    out, table = tmp_path / "sorted", tmp_path / "out.csv"
    arguments = PredictArguments(model=trained_run.run, paths=(root,), csv=table, copy_to=out)
    rows = list(iter_predictions(arguments, Context(run_id="job", emit=events.append)))
    # photo-000.jpg is in the folder of each class; where two are predicted alike, they are kept apart.
    copies = Counter(path.parent.name for path in out.rglob("*.jpg"))
    assert copies == Counter(row.class_name for row in rows if row.error is None)
    assert sorted(root.rglob("*")) == before
    assert table.exists()
    (note,) = [event.message for event in events if isinstance(event, WarningRaised)]
    assert note.startswith("6 images were copied into ")
    assert note.endswith("1 file could not be read and got no copy.")


def test_a_folder_without_files_is_an_error(trained_run, do, tmp_path):
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    with pytest.raises(UserError, match="There is no image in"):
        do("predict", model=trained_run.run, paths=[tmp_path / "empty"])


def test_a_name_that_is_not_text_gets_a_reason(trained_run, do, tmp_path):
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/im\xff.jpg")).touch()
    except OSError:
        pytest.skip("this file system allows only names that are text")
    shutil.copy(trained_run.images / "bees" / "photo-000.jpg", tmp_path / "good.jpg")
    good, bad = do("predict", model=trained_run.run, paths=[tmp_path])["predictions"]
    assert good["error"] is None
    assert "not text" in bad["error"]
    json.dumps(bad, ensure_ascii=False).encode()


@pytest.mark.parametrize("kind", ["run", "onnx"])
def test_values_of_a_kind_that_the_training_had_not_are_said_once(kind, trained_run, do, tmp_path):
    model = trained_run.run
    if kind == "onnx":
        model = tmp_path / "model.onnx"
        do("export", run=trained_run.run, format="onnx", out=model)
    rows = np.arange(2400, dtype=np.uint16).reshape(40, 60)
    for name in ("a.png", "b.png"):
        Image.fromarray(rows * 9).save(tmp_path / name)
    events: list[Event] = []
    value = do("predict", model=model, paths=[tmp_path / "a.png", tmp_path / "b.png"], emit=events.append)
    assert [row["error"] for row in value["predictions"]] == [None, None]
    (note,) = [event.message for event in events if isinstance(event, WarningRaised)]
    assert note.startswith("2 images have values of a kind")


def test_answers_that_are_not_sure_enough_are_left_to_a_person(trained_run, photos, do, tmp_path):
    run = RunFolder(shutil.copytree(trained_run.run, tmp_path / "run"))
    run.asking.unlink(missing_ok=True)
    root, file = photos(per_class=2), tmp_path / "table.csv"
    plain = do("predict", model=run.path, paths=[root])["predictions"]
    assert {row["ask"] for row in plain} == {None}
    sure = sorted(row["probability"] for row in plain)
    threshold = (sure[2] + sure[3]) / 2
    rule = AskingRule(threshold=threshold, wish=None, found=Answered(n=9, answered=5, right=5))
    write_rules(run, AskingRules(columns={"label": rule}))
    asked = do("predict", model=run.path, paths=[root], csv=file)["predictions"]
    assert [row["ask"] for row in asked] == [row["probability"] < threshold for row in plain]
    assert sum(row["ask"] for row in asked) == 3
    assert [line["ask"] for line in read(file)] == ["yes" if row["ask"] else "no" for row in asked]
    assert [(row["class"], row["probability"]) for row in asked] == [
        (row["class"], row["probability"]) for row in plain
    ]
    named = asked[0]["class"]
    own = {named: ClassRule(threshold=1.0, found=Answered(n=9, answered=0, right=0))}
    write_rules(run, AskingRules(columns={"label": replace(rule, classes=own)}))
    asked = do("predict", model=run.path, paths=[root], csv=file)["predictions"]
    assert [row["ask"] for row in asked] == [
        row["probability"] < (1.0 if row["class"] == named else threshold) for row in plain
    ]
    do("export", run=run.path, format="portable", out=tmp_path / "model")
    exported = do("predict", model=tmp_path / "model", paths=[root])["predictions"]
    assert [row["ask"] for row in exported] == [row["ask"] for row in asked]
