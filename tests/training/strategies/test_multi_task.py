"""The strategy that learns several label columns."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.tiny import FINE, Photos, same_weights, tiny_backbone, train, weights_of
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.core.events import BatchEnded, Event, ignore
from tlstudio.data.layout.interpret import HowToRead
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import read_split
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.inference.folder import predict_folder
from tlstudio.models import classifier as classifier_module
from tlstudio.models.classifier import load_classifier
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import build_recipe
from tlstudio.training.run.input_images import count_input_images

pytestmark = pytest.mark.usefixtures("tiny")
SIZES = {"ants": "small", "bees": "small", "leaves": "large"}
JOINT = {
    **FINE,
    "epochs": 2,
    "strategy": "multi-task",
    "inputs": {"columns": "size"},
    "augmentation": {"flip_horizontal": False},
}
HEADS = {"strategy": "multi-task", "inputs": {"columns": "size"}}


def with_table(root: Path, *, empty: int = 0) -> Path:
    """Put a table with the size of each image beside the images; every `empty`th has none."""
    paths = sorted(path.relative_to(root) for path in root.rglob("*.*") if path.suffix != ".csv")
    with (root / "labels.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image", "size"])
        for number, path in enumerate(paths):
            size = SIZES.get(path.parts[0], "large")
            rows.writerow([path.as_posix(), "" if empty and number % empty == 0 else size])
    return root


def further(result: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = result["columns"]["size"]
    return found


def test_each_head_is_the_linear_probe_of_its_column(photos: Photos, tmp_path: Path):
    root = with_table(photos(per_class=8))
    result = train(root, tmp_path / "both", **HEADS)
    assert list(result["columns"]) == ["label", "size"]
    assert result["columns"]["label"]["test"] == result["test"]
    assert further(result)["test"]["n"] == result["test"]["n"]
    assert any("exactly as a classifier of that column alone" in warning for warning in result["warnings"])
    train(root, tmp_path / "label")
    sizes = scan_folder(root, how=HowToRead(label_column="size"))
    train(root, tmp_path / "size", dataset=sizes, drawn=read_split(tmp_path / "both/split.csv"))
    both, label, size = (weights_of(tmp_path / name) for name in ("both", "label", "size"))
    assert torch.equal(both["head.linear.weight"], label["head.linear.weight"])
    assert torch.equal(both["further.0.linear.weight"], size["head.linear.weight"])
    assert torch.equal(both["further.0.linear.bias"], size["head.linear.bias"])
    assert not json.loads((tmp_path / "both/comparisons.json").read_text())["strategy"]


def test_stages_learn_from_all_columns_and_a_resumed_run_is_the_same(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = with_table(photos(per_class=6), empty=3)
    result = train(root, tmp_path / "whole", **JOINT)
    found = json.loads((tmp_path / "whole/comparisons.json").read_text())["strategy"]
    assert [column["name"] for column in found["columns"]] == ["label", "size"]
    assert found["columns"][1]["n"] < found["columns"][0]["n"]
    assert found["reason"] in result["warnings"] or not found["start_returned"]
    control = Control()

    def cancel(event: Event) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 2:
            control.cancel()

    # What a run compared before it was killed is read again; here it need not be compared at all.
    RunFolder(tmp_path / "torn").create()
    shutil.copy(tmp_path / "whole/comparisons.json", tmp_path / "torn")
    with pytest.raises(Cancelled):
        train(root, tmp_path / "torn", emit=cancel, control=control, **JOINT)
    train(root, tmp_path / "torn", resume=True)
    assert same_weights(tmp_path / "whole", tmp_path / "torn")
    assert (tmp_path / "whole/predictions.csv").read_bytes() == (
        tmp_path / "torn/predictions.csv"
    ).read_bytes()
    monkeypatch.setattr(classifier_module, "load_backbone", tiny_backbone)
    columns = load_classifier(RunFolder(tmp_path / "whole").best_checkpoint).columns
    assert [column.classes for column in columns] == [("ants", "bees", "leaves"), ("large", "small")]
    part = read_predictions_csv(tmp_path / "whole/predictions.csv")["test"].further["size"]
    assert part.classes == ("large", "small")


def test_images_with_a_label_in_a_further_column_alone_are_learned_from(photos: Photos, tmp_path: Path):
    root, more = photos(per_class=6), photos(per_class=2, name="more", seed=9)
    for number, file in enumerate(sorted(more.rglob("*.jpg"))):
        shutil.move(file, root / f"loose-{number}.jpg")
    first = sorted((root / "ants").iterdir())[0]
    shutil.copy(first, root / "loose-copy.jpg")
    with_table(root)
    result = train(root, tmp_path / "run", split={"validation": 0, "test": 0.2}, **HEADS)
    (note,) = (warning for warning in result["warnings"] if "label there alone" in warning)
    assert "6 images have" in note or "7 images have" in note
    assert result["images"]["train"] + result["images"]["test"] == 18
    assert count_input_images(scan_folder(root), build_recipe(HEADS), control=Control()) == 7
    known = (tmp_path / "run/images.csv").read_text()
    assert "loose-0.jpg" in known
    assert not any("loose-0" in warning for warning in result["warnings"] if "not used" in warning)


def test_what_belongs_with_a_kept_image_is_not_learned_from(photos: Photos, tmp_path: Path):
    root = photos(per_class=6)
    for file in sorted(root.rglob("*.jpg")):
        shutil.copy(file, root / f"copy-{file.parent.name}-{file.name}")
    result = train(with_table(root), tmp_path / "run", **HEADS)
    kept = result["images"]["validation"] + result["images"]["test"]
    assert any(warning.startswith(f"{kept} images are not learned from") for warning in result["warnings"])


def test_a_changed_label_stops_a_resumed_run(photos: Photos, tmp_path: Path):
    root = with_table(photos(per_class=6))
    train(root, tmp_path / "run", **HEADS)
    RunFolder(tmp_path / "run").metrics.unlink()
    with_table(root, empty=4)
    with pytest.raises(UserError, match="was changed since it started: Further label columns"):
        train(root, tmp_path / "run", resume=True)


def test_a_hidden_layer_is_trained_for_each_column_and_again_the_same(photos: Photos, tmp_path: Path):
    root = with_table(photos(per_class=6))
    head = {"kind": "hidden", "hidden_units": 8}
    for name in ("one", "two"):
        train(root, tmp_path / name, head=head, epochs=2, **HEADS)
    assert same_weights(tmp_path / "one", tmp_path / "two")
    assert "further.0.hidden.0.weight" in weights_of(tmp_path / "one")


def test_another_folder_is_evaluated_in_the_columns_of_its_table(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    train(with_table(photos(per_class=6)), tmp_path / "run", **HEADS)
    monkeypatch.setattr(classifier_module, "load_backbone", tiny_backbone)
    other, plain = photos(per_class=3, name="other", seed=5), photos(per_class=3, name="plain", seed=5)
    sizes = []
    for folder in (with_table(other, empty=3), plain):
        found = predict_folder(
            RunFolder(tmp_path / "run"), scan_folder(folder), run_id="", emit=ignore, control=Control()
        )
        evaluation = evaluate_predictions(found.predictions, subset="folder", column=found.column)
        assert list(evaluation.columns) == ["label", "size"]
        assert evaluation.n == 9
        sizes.append(evaluation.columns["size"].metrics.n)
        assert (
            Evaluation.from_json(evaluation.as_json(), subset="folder").columns["size"].metrics.n == sizes[-1]
        )
    assert sizes == [6, 0], "without a table nothing is known of the sizes"


def test_images_of_another_folder_with_a_further_label_alone_count_there(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    train(with_table(photos(per_class=6)), tmp_path / "run", **HEADS)
    monkeypatch.setattr(classifier_module, "load_backbone", tiny_backbone)
    other = photos(per_class=3, name="other", seed=5)
    for number, file in enumerate(sorted(photos(per_class=1, name="loose", seed=9).rglob("*.jpg"))):
        file.rename(other / f"loose-{number}.jpg")
    with_table(other)
    with (other / "labels.csv").open("a") as table:
        table.write("loose-9.jpg,small\n")
    found = predict_folder(
        RunFolder(tmp_path / "run"), scan_folder(other), run_id="", emit=ignore, control=Control()
    )
    evaluation = evaluate_predictions(found.predictions, subset="folder", column=found.column)
    assert (evaluation.n, evaluation.columns["size"].metrics.n) == (9, 12)
    assert found.left_out.unlabelled == ()


def test_a_column_that_also_keeps_images_together_is_refused_with_that_reason(photos: Photos, tmp_path: Path):
    with pytest.raises(UserError, match="“size” is to be learned and also keeps images together"):
        train(with_table(photos(per_class=6)), tmp_path / "run", split={"groups": "size"}, **HEADS)


def test_a_further_column_without_any_classes_asks_for_their_column(photos: Photos, tmp_path: Path):
    root = tmp_path / "loose"
    root.mkdir()
    for number, file in enumerate(sorted(photos(per_class=3).rglob("*.jpg"))):
        file.rename(root / f"{number}.jpg")
    rows = [f"{number}.jpg,{'sl'[number % 2]},{'xy'[number // 2 % 2]}\n" for number in range(9)]
    (root / "labels.csv").write_text("image,size,colour\n" + "".join(rows))
    with pytest.raises(UserError, match="“size” is learned besides the classes") as caught:
        train(root, tmp_path / "run", **HEADS)
    assert caught.value.mend == "Name the column of the classes before it."
