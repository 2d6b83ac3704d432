"""Evaluations: the images behind a cell, the worst mistakes, and the JSON of `evaluate --json`."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tlstudio.core.finding import Finding
from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation, LabelledPrediction
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.evaluation.metrics import compute_metrics, evaluate_predictions
from tlstudio.evaluation.predictions import Predictions

FIXED_KEYS = [
    *(
        "accuracy",
        "interval",
        "n",
        "macro_f1",
        "balanced_accuracy",
        "ece",
        "confusion",
        "classes",
        "per_class",
    ),
    "findings",
]


def predictions(
    rows: list[tuple[int, list[float]]], classes: tuple[str, ...] = ("a", "b", "c")
) -> Predictions:
    """One image per row of a true index (-1 without a label) and probabilities."""
    return Predictions(
        paths=tuple(f"{number}.jpg" for number in range(len(rows))),
        classes=classes,
        probabilities=np.array([probabilities for _, probabilities in rows]).reshape(len(rows), len(classes)),
        true_indices=np.array([true for true, _ in rows], dtype=np.int64),
    )


def some_evaluation() -> Evaluation:
    part = predictions(
        [
            (0, [0.6, 0.3, 0.1]),
            (0, [0.1, 0.8, 0.1]),
            (0, [0.0, 0.9, 0.1]),
            (1, [0.2, 0.5, 0.3]),
            (2, [0.1, 0.4, 0.5]),
            (2, [0.5, 0.3, 0.2]),
            (-1, [0.0, 1.0, 0.0]),
        ]
    )
    return evaluate_predictions(part, subset="test")


def test_a_cell_lists_its_images_with_the_most_probable_prediction_first():
    column = some_evaluation().primary
    assert column.cell(0, 1) == ("2.jpg", "1.jpg")
    assert column.cell(0, 0) == ("0.jpg",)
    assert column.cell(1, 0) == ()


def test_most_wrong_lists_mistakes_by_the_probability_shown_and_leaves_out_unlabelled_images():
    column = some_evaluation().primary
    assert column.most_wrong(10) == ("2.jpg", "1.jpg", "5.jpg")
    assert column.most_wrong(1) == ("2.jpg",)
    shown = [column.prediction(path).probability for path in column.most_wrong(10)]
    assert shown == sorted(shown, reverse=True)
    assert column.metrics.wrong_count == 3


def test_the_prediction_for_an_image_by_its_path():
    column = some_evaluation().primary
    found = column.prediction("1.jpg")
    assert (found.true_class, found.predicted_class, found.probability) == ("a", "b", 0.8)
    assert found.probabilities == {"a": 0.1, "b": 0.8, "c": 0.1}
    assert found.loss == pytest.approx(-np.log(0.1))
    assert not found.is_correct
    unlabelled = column.prediction("6.jpg")
    assert (unlabelled.true_class, unlabelled.loss) == ("", 0.0)
    with pytest.raises(KeyError):
        column.prediction("7.jpg")


def test_the_loss_of_an_impossible_class_stays_finite():
    sure = LabelledPrediction(
        path="x", true_class="a", predicted_class="b", probabilities={"a": 0.0, "b": 1.0}
    )
    assert 30 < sure.loss < 40


def test_overconfidence_is_positive_when_the_classifier_is_too_sure():
    too_sure = predictions([(0, [0.9, 0.1, 0.0]), (1, [0.9, 0.1, 0.0])])
    column = evaluate_predictions(too_sure, subset="test").primary
    assert column.calibration.overconfidence == pytest.approx(0.4)
    assert sum(part.n for part in column.calibration.bins) == 2
    assert column.calibration.ece == pytest.approx(0.4)


def test_without_predictions_only_the_metrics_are_there():
    column = ColumnEvaluation(metrics=some_evaluation().primary.metrics)
    assert column.cell(0, 1) == column.most_wrong(5) == column.calibration.bins == ()
    assert column.calibration.overconfidence is None
    with pytest.raises(KeyError):
        column.prediction("1.jpg")


def test_the_json_has_the_fixed_keys_and_the_findings():
    finding = Finding(check="calibration", severity="warning", message="Too sure.", paths=("1.jpg",))
    evaluation = some_evaluation()
    values = Evaluation(subset="test", columns=evaluation.columns, findings=(finding,)).as_json()
    assert [key for key in values if key in FIXED_KEYS] == FIXED_KEYS
    (shown,) = json.loads(json.dumps(values))["findings"]
    assert shown.items() >= {"check": "calibration", "severity": "warning", "paths": ["1.jpg"]}.items()


@pytest.mark.parametrize("stored", [False, True])
def test_what_is_written_can_be_read(stored: bool):
    evaluation = some_evaluation()
    finding = Finding(check="calibration", severity="warning", message="Too sure.", paths=("1.jpg",))
    evaluation = Evaluation(subset="folder", columns=evaluation.columns, findings=(finding,))
    values = evaluation.as_stored_json() if stored else evaluation.as_json()
    read = Evaluation.from_json(json.loads(json.dumps(values)), subset="folder")
    assert read.subset == "folder"
    assert read.findings == evaluation.findings
    assert read.primary.metrics.as_json() == evaluation.primary.metrics.as_json()
    assert read.primary.metrics.notes == (evaluation.primary.metrics.notes if stored else ())
    assert read.primary.predictions is None


def test_several_label_columns_are_kept_apart():
    colour = predictions([(0, [0.9, 0.1]), (1, [0.2, 0.8])], classes=("red", "green"))
    columns = {
        "species": some_evaluation().primary,
        "colour": ColumnEvaluation(metrics=compute_metrics(colour), predictions=colour),
    }
    evaluation = Evaluation(subset="test", columns=columns)
    values = evaluation.as_json()
    assert values["classes"] == ["a", "b", "c"], "the flat keys are those of the first column"
    read = Evaluation.from_json(values, subset="test")
    assert list(read.columns) == ["species", "colour"]
    assert read.columns["colour"].classes == ("red", "green")
    assert read.primary.metrics.n == evaluation.n == 6


def test_predictions_are_added_to_an_evaluation_that_was_read():
    evaluation = some_evaluation()
    read = Evaluation.from_json(evaluation.as_json(), subset="test")
    complete = read.with_predictions(evaluation.primary.predictions)
    assert complete.primary.cell(0, 1) == ("2.jpg", "1.jpg")
    assert complete.primary.metrics is read.primary.metrics


def test_an_evaluation_without_images_has_no_worst_cell():
    assert Metrics().worst_cell() is None
    assert Evaluation.from_json({"n": 0}, subset="test").n == 0


def test_importing_loads_neither_numpy_nor_torch():
    program = (
        "import sys; import tlstudio.evaluation.evaluation, tlstudio.evaluation.run_summary; "
        "print([name for name in ('numpy', 'torch', 'pydantic', 'sklearn', 'scipy') if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert shown.stdout.strip() == "[]"


def test_figures_that_an_older_version_did_not_store_are_computed_from_the_predictions():
    evaluation = some_evaluation()
    stored = evaluation.primary.metrics.as_stored_json()
    kept = {name: stored[name] for name in stored if not name.startswith(("brier", "ece", "log_loss"))}
    old = Evaluation.from_json({**kept, "ece": 0.123, "log_loss": 0.5}, subset="test")
    assert old.primary.metrics.ece_limit is None
    read = old.with_predictions(evaluation.primary.predictions)
    assert read.primary.metrics == evaluation.primary.metrics
    assert read.primary.calibration.limit == evaluation.primary.metrics.ece_limit is not None
