from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.tiny import (
    FINE,
    RECIPES,
    Photos,
    same_weights,
    tiny_backbone,
    train,
    weights_of,
)
from tlstudio.core.dataset import Image, labels_of
from tlstudio.core.errors import UserError
from tlstudio.core.events import BatchEnded, EpochEnded, Event, StageStarted, WarningRaised
from tlstudio.core.types import ProblemFile
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import read_split
from tlstudio.evaluation.metrics import compute_metrics
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.evaluation.run_result import read_run_result
from tlstudio.evaluation.run_summary import summarise
from tlstudio.features.exact_features import ExactFeatures
from tlstudio.features.images import read_input
from tlstudio.inference import predict
from tlstudio.models.classifier import load_classifier
from tlstudio.models.frozen.runtime_choice import SETTING
from tlstudio.project.runs import RunFolder, open_run

pytestmark = pytest.mark.usefixtures("tiny")

KEYS = ["run", "status", "classes", "images", "validation", "test", "epochs", "best_epoch"]
KEYS += ["seconds", "warnings"]


@pytest.mark.parametrize("name", RECIPES)
def test_a_run_writes_the_documented_files_and_result(photos: Photos, tmp_path: Path, name: str):
    events: list[Event] = []
    result = train(photos(per_class=10), tmp_path / "run", emit=events.append, **RECIPES[name])
    assert list(result) == KEYS
    assert result["status"] == "finished"
    assert result["classes"] == ["ants", "bees", "leaves"]
    assert sum(result["images"][key] for key in ("train", "validation", "test")) == 30
    for split in ("validation", "test"):
        assert list(result[split]) == ["accuracy", "interval", "n"]
        assert result[split]["n"] == result["images"][split]
    assert list(result["seconds"]) == ["total", "features", "train"]
    json.dumps(result)
    run = open_run(tmp_path / "run")
    for file in (run.recipe, run.split, run.events, run.predictions, run.metrics, run.environment):
        assert file.stat().st_size
    assert run.last_checkpoint.exists()
    assert summarise(run).status == "finished"
    epochs = [event for event in events if isinstance(event, EpochEnded)]
    assert epochs[-1].epoch == result["epochs"]
    assert [event for event in run.read_events() if isinstance(event, EpochEnded)] == epochs
    assert not [event for event in run.read_events() if isinstance(event, BatchEnded)]
    stages = {event.stage for event in events if isinstance(event, StageStarted)}
    assert {"backbone", "evaluation"} <= stages
    trained_in = run.read_json(run.metrics)["training_precision"]
    assert trained_in == (None if name == "probe" else "float32")


@pytest.mark.parametrize("runtime", ["torch-fp32", "onnx-runtime"])
@pytest.mark.parametrize("name", ["probe", "fine"])
def test_metrics_are_those_of_the_saved_classifier_on_decoded_images(
    photos: Photos, tmp_path: Path, name: str, runtime: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(SETTING, runtime)
    root = photos(per_class=10)
    result = train(root, tmp_path / "run", **RECIPES[name])
    run = open_run(tmp_path / "run")
    monkeypatch.setattr("tlstudio.models.classifier.load_backbone", tiny_backbone)
    classifier = load_classifier(run.best_checkpoint)
    assert classifier.classes == ("ants", "bees", "leaves")
    for split, part in read_predictions_csv(run.predictions).items():
        inputs = [read_input(root / path, preprocessing=classifier.preprocessing) for path in part.paths]
        with torch.inference_mode():
            wanted = classifier.probabilities(torch.stack(inputs)).numpy()
        np.testing.assert_allclose(part.probabilities, wanted, atol=1e-6)
        assert [part.classes[i] for i in part.true_indices] == [path.split("/")[0] for path in part.paths]
        assert sorted(part.paths) == read_split(run.split).paths(split)
        assert compute_metrics(part).accuracy == result[split]["accuracy"]


@pytest.mark.parametrize("runtime", ["torch-fp32", "onnx-runtime"])
def test_final_metrics_never_come_from_the_cache(
    photos: Photos, tmp_path: Path, runtime: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(SETTING, runtime)
    from tlstudio.features.store import ActivationStore

    read: list[str] = []
    evaluating: list[bool] = []
    real = ActivationStore.read
    monkeypatch.setattr(
        ActivationStore,
        "read",
        lambda self, keys: (evaluating and read.append(self.folder.name)) or real(self, keys),
    )

    def note(event: Event) -> None:
        if isinstance(event, StageStarted) and event.stage == "evaluation":
            evaluating.append(True)

    train(photos(), tmp_path / "run", emit=note, **FINE)
    assert len(evaluating) == 2
    assert all(folder.startswith("inputs-pixels") for folder in read), "decoded images, no activations"


@pytest.mark.parametrize(
    ("name", "runtime"),
    [
        ("probe", "onnx-runtime"),
        ("hidden", "torch-fp32"),
        pytest.param("probe", "torch-fp32", marks=pytest.mark.exhaustive),
        pytest.param("hidden", "onnx-runtime", marks=pytest.mark.exhaustive),
    ],
)
def test_predictions_from_exact_features_equal_the_classifier_bit_for_bit(
    photos: Photos, tmp_path: Path, name: str, runtime: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(SETTING, runtime)
    root = photos(per_class=10)
    completed: list[int] = []
    real = predict.classify_features
    monkeypatch.setattr(
        predict, "classify_features", lambda *a, **k: completed.append(len(a[1])) or real(*a, **k)
    )
    monkeypatch.setenv("TLSTUDIO_CACHE", str(tmp_path / "cache"))
    count = train(root, tmp_path / "one", **RECIPES[name])["validation"]["n"]
    train(root, tmp_path / "two", **RECIPES[name])  # finds all features in the cache
    for index in (tmp_path / "cache/activations").glob("tiny-features*/index.txt"):
        index.write_text("".join(index.read_text().splitlines(keepends=True)[::2]))
    train(root, tmp_path / "three", **RECIPES[name])  # finds half of them
    assert completed[0] == count
    assert len(completed) == 2
    assert 0 < completed[1] < count
    files = [(tmp_path / run / "predictions.csv").read_bytes() for run in ("one", "two", "three")]
    assert files[0] == files[1] == files[2]


def test_features_that_differ_from_the_backbones_own_are_not_used(
    photos: Photos, tmp_path: Path, fresh_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    root, real = photos(per_class=10), ExactFeatures.record
    monkeypatch.setattr(
        ExactFeatures, "record", lambda self, shown, features: real(self, shown, features.flip(1))
    )
    result = train(root, tmp_path / "run")
    run = open_run(tmp_path / "run")
    monkeypatch.setattr("tlstudio.models.classifier.load_backbone", tiny_backbone)
    classifier = load_classifier(run.best_checkpoint)
    part = read_predictions_csv(run.predictions)["validation"]
    inputs = [read_input(root / path, preprocessing=classifier.preprocessing) for path in part.paths]
    with torch.inference_mode():
        wanted = classifier.probabilities(torch.stack(inputs)).numpy()
    np.testing.assert_allclose(part.probabilities, wanted, atol=1e-6)
    assert result["validation"]["n"] == len(inputs)


def test_test_images_are_read_once_and_last(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_cache: Path
):
    from tlstudio.features import images

    opened: list[Path] = []
    real = images.read_file
    monkeypatch.setattr(images, "read_file", lambda file: opened.append(file) or real(file))
    root = photos(per_class=10)
    train(root, tmp_path / "run", **FINE)
    split = read_split(tmp_path / "run" / "split.csv")
    tested = [root / path for path in split.paths("test")]
    assert sorted(opened[-len(tested) :]) == sorted(tested)
    assert not set(tested) & set(opened[: -len(tested)])


@pytest.mark.parametrize("name", ["probe", "hidden", "fine", "fine-everything"])
def test_the_same_recipe_gives_the_same_numbers(photos: Photos, tmp_path: Path, name: str):
    root = photos()
    one = train(root, tmp_path / "one", **RECIPES[name])
    two = train(root, tmp_path / "two", **RECIPES[name])
    assert same_weights(tmp_path / "one", tmp_path / "two")
    for key in ("validation", "test", "epochs", "best_epoch"):
        assert one[key] == two[key]
    assert (tmp_path / "one/predictions.csv").read_bytes() == (tmp_path / "two/predictions.csv").read_bytes()


def test_frozen_stages_stay_bit_equal_and_the_others_change(photos: Photos, tmp_path: Path):
    train(photos(), tmp_path / "run", **FINE)
    before, after = tiny_backbone().state_dict(), weights_of(tmp_path / "run")
    for name, tensor in before.items():
        moved = not torch.equal(tensor, after[f"backbone.{name}"])
        trains = "stages.top" in name and "running" not in name and "num_batches" not in name
        assert moved == trains, name


# ---- wrong input -----------------------------------------------------------------------------------------


def test_a_finished_run_is_not_overwritten(photos: Photos, tmp_path: Path):
    root = photos()
    result = train(root, tmp_path / "run")
    with pytest.raises(UserError, match="already a finished run") as caught:
        train(root, tmp_path / "run")
    assert "another folder" in caught.value.mend
    assert train(root, tmp_path / "run", resume=True) == result
    run = open_run(tmp_path / "run")
    assert read_run_result(run).as_train_json(run.path) == result


def test_an_unfinished_run_is_not_overwritten(photos: Photos, tmp_path: Path):
    root = photos()
    train(root, tmp_path / "run")
    (tmp_path / "run/metrics.json").unlink()
    with pytest.raises(UserError, match="not finished") as caught:
        train(root, tmp_path / "run")
    assert "resume" in caught.value.mend


def test_one_class_is_not_enough(photos: Photos, tmp_path: Path):
    with pytest.raises(UserError, match=r"two classes.*only “ants” has"):
        train(photos(classes=("ants",)), tmp_path / "run")


def test_unreadable_classes_are_named_when_only_one_is_left(photos: Photos, tmp_path: Path):
    images = photos(classes=("ants", "bees"))
    for file in (images / "bees").iterdir():
        file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(UserError, match="two classes") as told:
        train(images, tmp_path / "run")
    assert "cannot be used" in told.value.work


def test_a_run_folder_among_the_images_is_refused(photos: Photos, tmp_path: Path):
    root = photos()
    with pytest.raises(UserError, match="inside the folder of images"):
        train(root, root / "run")
    assert not (root / "run").exists()


def test_two_processes_cannot_work_on_one_run(photos: Photos, tmp_path: Path):
    run = RunFolder(tmp_path / "run")
    run.create()
    with run.lock(), pytest.raises(UserError, match="Another tlstudio"):
        train(photos(), run.path)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"strategy": "magic"}, "no strategy “magic”"),
        ({"freeze": "top"}, "linear probe trains the head alone"),
        ({"strategy": "fine-tune", "freeze": "bottom"}, "no stage “bottom”"),
        ({"freeze": "auto", "head": {"kind": "hidden"}}, "only with a linear head"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    photos: Photos, tmp_path: Path, recipe: dict[str, Any], message: str
):
    with pytest.raises(UserError, match=message):
        train(photos(), tmp_path / "run", **recipe)


def test_a_class_without_training_images_is_refused(photos: Photos, tmp_path: Path):
    dataset = scan_folder(photos())
    result = train(Path(), tmp_path / "first", dataset=dataset)
    assert result["status"] == "finished"
    split = read_split(tmp_path / "first/split.csv")
    lost = {p: "test" if p.startswith("bees") else side for p, side in split.assignment.items()}
    with pytest.raises(UserError, match="No image of the class “bees”"):
        train(
            Path(),
            tmp_path / "second",
            dataset=dataset,
            drawn=dataclasses.replace(split, assignment=lost),
        )


# ---- what is said ----------------------------------------------------------------------------------------


def test_unused_files_are_warned_about(photos: Photos, tmp_path: Path):
    dataset = scan_folder(photos())
    dataset = dataclasses.replace(
        dataset,
        images=(*dataset.images, Image(path="loose.jpg", sha256="0" * 64, labels=labels_of(None))),
        problems=(ProblemFile(path="ants/broken.jpg", code="truncated", reason="Torn.", mend="Copy it."),),
    )
    events: list[Event] = []
    result = train(Path(), tmp_path / "run", dataset=dataset, emit=events.append)
    assert result["images"]["skipped"] == 1
    said = {event.code: event for event in events if isinstance(event, WarningRaised)}
    assert said["skipped"].paths == ("ants/broken.jpg",)
    assert said["skipped"].reasons == ("Torn. Copy it.",)
    assert "1 truncated" in said["skipped"].message
    assert said["unlabelled"].paths == ("loose.jpg",)
    assert [event.message for event in said.values()] == result["warnings"]


@pytest.mark.parametrize("name", ["probe", "fine"])
def test_validation_and_test_may_be_empty(photos: Photos, tmp_path: Path, name: str):
    result = train(photos(), tmp_path / "run", split={"validation": 0, "test": 0}, **RECIPES[name])
    nothing = {"accuracy": None, "interval": None, "n": 0}
    assert result["validation"] == result["test"] == nothing
    assert result["images"]["train"] == 24
    assert any("no check images" in warning for warning in result["warnings"])
    assert any("no test images" in warning for warning in result["warnings"])
    if name == "fine":
        assert result["best_epoch"] == result["epochs"]
    assert summarise(open_run(tmp_path / "run")).status == "finished"


def test_fine_tuning_without_gain_returns_the_probe_and_warns(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = photos(per_class=12)
    harmful = {"batch_size": 8, "learning_rate_stages": 1.0, "learning_rate_head": 1.0}
    result = train(root, tmp_path / "fine", **{**FINE, "optimiser": harmful, "kept_epoch": "best"})
    assert result["best_epoch"] == 0
    assert any("better on the check images than the start" in warning for warning in result["warnings"])
    for name, tensor in tiny_backbone().state_dict().items():
        assert torch.equal(tensor, weights_of(tmp_path / "fine")[f"backbone.{name}"])


def test_an_image_that_is_deleted_during_the_run_is_named(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_cache: Path
):
    real = predict.read_ahead

    def losing(files: Any, **rest: Any) -> Any:
        files[0][0].unlink()
        return real(files, **rest)

    monkeypatch.setattr(predict, "read_ahead", losing)
    with pytest.raises(UserError, match="can no longer be read"):
        train(photos(), tmp_path / "run")
