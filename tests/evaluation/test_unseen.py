"""Predictions for images by what had not learned from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.evaluation.test_metrics import predictions
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions, write_predictions_csv
from tlstudio.evaluation.unseen import LEFT_OUT, unseen_predictions
from tlstudio.project.runs import RunFolder


def renamed(part: Predictions) -> Predictions:
    return Predictions(
        paths=tuple(f"train/{path}" for path in part.paths),
        classes=part.classes,
        probabilities=part.probabilities,
        true_indices=part.true_indices,
    )


def test_training_images_that_were_left_out_in_turn_come_after_the_validation_images(tmp_path: Path):
    run, part = RunFolder(tmp_path), predictions([0, 1, 1], classes_count=2)
    validation = evaluate_predictions(part, subset="validation")
    assert unseen_predictions(run, validation)["label"].paths == part.paths
    write_predictions_csv(run.held_out, {"validation": part, LEFT_OUT: renamed(part)})
    found = unseen_predictions(run, validation)["label"]
    assert found.paths == (*part.paths, *(f"train/{path}" for path in part.paths))
    assert found.true_indices.tolist() == [0, 1, 1, 0, 1, 1]
    assert (found.probabilities[3:] == part.probabilities).all()


def test_without_validation_images_the_training_images_are_enough(tmp_path: Path):
    run, part = RunFolder(tmp_path), predictions([0, 1, 1], classes_count=2)
    write_predictions_csv(run.held_out, {LEFT_OUT: part})
    nothing = evaluate_predictions(predictions([], classes_count=2), subset="validation")
    assert unseen_predictions(run, nothing)["label"].paths == part.paths


def test_of_several_label_columns_only_validation_images_are_known(tmp_path: Path):
    first, second = predictions([0, 1], classes_count=2), predictions([1, -1], classes_count=3)
    both = evaluate_predictions(
        replace(first, further={"health": second}), subset="validation", column="species"
    )
    found = unseen_predictions(RunFolder(tmp_path), both)
    assert {name: part.paths for name, part in found.items()} == {
        "species": first.paths,
        "health": second.paths,
    }
