"""A run that was moved, with its images or without them, is reported and exported."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.training.tiny import train

pytestmark = pytest.mark.usefixtures("quick_figures", "quick_readback")


@pytest.fixture
def made(photos, tiny_backbones, tmp_path) -> Path:
    """A folder that holds images and a run."""
    images = photos(name="work/photos", classes=("ants", "bees"), per_class=8)
    train(images, tmp_path / "work" / "runs" / "1", split={"validation": 0.25, "test": 0.25})
    return tmp_path / "work"


def test_the_files_of_a_run_hold_relative_paths(made):
    run = made / "runs" / "1"
    assert json.loads((run / "recipe.json").read_text(encoding="utf-8"))["images_root"] == "../../photos"
    events = [json.loads(line) for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    saved = [event["path"] for event in events if event["event"] == "CheckpointSaved"]
    assert set(saved) <= {"checkpoints/best.safetensors", "checkpoints/last.safetensors"}
    assert saved


def test_run_and_images_moved_together_need_nothing(made, call, tmp_path):
    moved = Path(shutil.move(made, tmp_path / "other" / "place"))
    code, _, err = call("report", moved / "runs" / "1", "--out", tmp_path / "r.html")
    assert (code, err) == (0, "")


def test_a_run_alone_is_told_where_the_images_are(made, call, tmp_path):
    photos = Path(shutil.move(made / "photos", tmp_path / "elsewhere" / "pictures"))
    run = made / "runs" / "1"
    code, _, err = call("report", run, "--out", tmp_path / "r.html")
    assert code == 0
    assert "no longer at" in err
    assert "--images" in err
    code, _, err = call("report", run, "--out", tmp_path / "r.html", "--images", photos)
    assert (code, err) == (0, "")
    code, _, err = call("export", run, "--format", "onnx", "--out", tmp_path / "m.onnx")
    assert code == 2
    assert "--images" in err
    code, value, _ = call(
        "export", run, "--format", "onnx", "--out", tmp_path / "m.onnx", "--images", photos, "--json"
    )
    assert (code, value["parity"]["n"]) == (0, 16)


def test_a_moved_run_resumes_with_the_images_where_they_are_now(made, call, tmp_path):
    run = Path(shutil.move(made / "runs" / "1", tmp_path / "run"))
    photos = Path(shutil.move(made / "photos", tmp_path / "pictures"))
    (run / "metrics.json").unlink()
    code, _, err = call("train", photos, "--run", run, "--resume")
    assert code == 0, err
    code, _, err = call("report", run, "--out", tmp_path / "r.html")
    assert (code, err) == (0, "")
