"""Classifying files and folders."""

import csv
import json
import os
import shutil
from pathlib import Path

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.operations.context import Context
from tlstudio.operations.predict import image_files, iter_predictions
from tlstudio.specs.operations.predict import PredictArguments


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
    first = next(predictions)
    assert not file.exists()  # in place only when all is done
    rows = [first, *predictions]
    assert [Path(row.path).name for row in rows if row.error] == ["torn.jpg"]
    assert len(rows) == 7
    with file.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert list(lines[0]) == ["path", "class", "probability", "ants", "bees", "leaves", "error"]
    assert [line["path"] for line in lines] == [row.path for row in rows]
    for line, row in zip(lines, rows, strict=True):
        assert line["class"] == (row.class_name or "")
        assert bool(line["error"]) == (row.error is not None)
        if row.probability is not None:
            assert float(line[line["class"]]) == pytest.approx(row.probability, abs=1e-6)


def test_no_csv_is_written_when_cancelled(trained_run, context, tmp_path):
    file = tmp_path / "predictions.csv"
    arguments = PredictArguments(model=trained_run.run, paths=(trained_run.images,), csv=file)
    predictions = iter_predictions(arguments, context)
    next(predictions)
    context.control.cancel()
    with pytest.raises(Cancelled):
        list(predictions)
    assert not file.exists()


def test_probabilities_can_be_left_to_the_csv(trained_run, do, tmp_path):
    files = sorted((trained_run.images / "bees").iterdir())[:2]
    full = do("predict", model=trained_run.run, paths=files)["predictions"]
    assert [set(row["probabilities"]) for row in full] == [{"ants", "bees", "leaves"}] * 2
    out = tmp_path / "out.csv"
    brief = do("predict", model=trained_run.run, paths=files, csv=out, probabilities=False)["predictions"]
    assert brief == [{key: row[key] for key in row if key != "probabilities"} for row in full]
    with out.open(encoding="utf-8", newline="") as stream:
        assert [row["class"] for row in csv.DictReader(stream)] == [row["class"] for row in full]


def test_a_run_that_never_finished_has_no_model(trained_run, do, tmp_path):
    run = Path(shutil.copytree(trained_run.run, tmp_path / "run-2"))
    (run / "checkpoints" / "best.safetensors").unlink()
    with pytest.raises(UserError, match="no trained model") as caught:
        do("predict", model=run, paths=[trained_run.images])
    assert "--resume" in caught.value.mend


def test_files_are_taken_as_named_and_folders_with_everything_below(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    for name in ("a/2.jpg", "a/b/1.jpg", "a/.hidden.jpg", "a/Thumbs.db", "loose.txt", ".asked-for.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "elsewhere" / "linked.jpg").touch()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a", target_is_directory=True)
    paths = [tmp_path / ".asked-for.jpg", tmp_path / "a", tmp_path / "loose.txt"]
    files, unreadable = image_files(paths, control=Control())
    found = [str(file.relative_to(tmp_path)) for file in files]
    assert found == [".asked-for.jpg", "a/2.jpg", "a/b/1.jpg", "a/link/linked.jpg", "loose.txt"]
    assert unreadable == []
    with pytest.raises(UserError, match="is not there"):
        image_files([tmp_path / "nowhere.jpg"], control=Control())


def test_a_folder_without_files_is_an_error(trained_run, do, tmp_path):
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    with pytest.raises(UserError, match="There is no file in"):
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
