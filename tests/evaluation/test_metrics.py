import dataclasses
import json
import warnings

import numpy as np
import pytest
import sklearn.metrics as known
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.evaluation.metrics import (
    compute_metrics,
    evaluate_predictions,
    metrics_of_confusion,
    score_predictions,
    with_confidence,
)
from tlstudio.evaluation.predictions import Predictions

EVALUATE_KEYS = [
    "accuracy", "interval", "n", "macro_f1", "balanced_accuracy", "ece", "confusion", "classes", "per_class",
    "groups", "ece_limit", "brier", "brier_interval", "log_loss", "log_loss_interval",
]  # fmt: skip


def predictions(true: list[int], *, classes_count: int, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    return Predictions(
        paths=tuple(f"{row}.jpg" for row in range(len(true))),
        classes=tuple(f"class {index}" for index in range(classes_count)),
        probabilities=rng.dirichlet(np.ones(classes_count), len(true)).reshape(len(true), classes_count),
        true_indices=np.array(true, dtype=np.int64),
    )


@given(st.integers(2, 6), st.data(), st.integers(0, 2**16))
def test_agrees_with_scikit_learn(classes_count: int, data: st.DataObject, seed: int):
    true = data.draw(st.lists(st.integers(0, classes_count - 1), min_size=1, max_size=40))
    part = predictions(true, classes_count=classes_count, seed=seed)
    ours = compute_metrics(part)
    predicted, labels = part.predicted_indices, list(range(classes_count))
    present = sorted(set(true))
    assert ours.accuracy == pytest.approx(known.accuracy_score(true, predicted))
    assert ours.macro_f1 == pytest.approx(
        known.f1_score(true, predicted, labels=present, average="macro", zero_division=0)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of classes that are predicted but never true
        assert ours.balanced_accuracy == pytest.approx(known.balanced_accuracy_score(true, predicted))
    assert ours.log_loss == pytest.approx(known.log_loss(true, part.probabilities, labels=labels))
    np.testing.assert_array_equal(ours.confusion, known.confusion_matrix(true, predicted, labels=labels))
    precision, recall, f1, n = known.precision_recall_fscore_support(
        true, predicted, labels=labels, zero_division=0
    )
    for index, entry in enumerate(ours.per_class):
        assert entry.n == n[index]
        assert (entry.precision or 0) == pytest.approx(precision[index])
        assert (entry.recall or 0) == pytest.approx(recall[index])
        assert (entry.f1 or 0) == pytest.approx(f1[index])
    assert ours.brier == pytest.approx(
        known.brier_score_loss(true, part.probabilities, labels=labels, scale_by_half=False)
    )
    assert ours.interval is not None
    assert ours.accuracy is not None
    assert ours.interval.low <= ours.accuracy <= ours.interval.high


def test_json_has_the_fixed_keys_and_those_that_were_added_after_them():
    values = compute_metrics(predictions([0, 1, 1], classes_count=2)).as_json()
    assert list(values) == EVALUATE_KEYS
    assert list(values["per_class"][0]) == ["class", "precision", "recall", "f1", "n"]
    json.dumps(values)


def test_absent_classes_are_left_out_of_averages_and_named():
    part = predictions([0, 0, 1], classes_count=3)
    ours = compute_metrics(part)
    assert ours.per_class[2].recall is None
    assert "class 2" in ours.notes[0]


def test_without_images_there_are_no_metrics():
    ours = compute_metrics(predictions([], classes_count=2))
    assert (ours.n, ours.accuracy, ours.interval, ours.log_loss, ours.notes) == (0, None, None, None, ())
    assert ours.confusion == ((0, 0), (0, 0))
    assert list(ours.as_json()) == EVALUATE_KEYS


def test_unlabelled_images_do_not_count():
    mixed = predictions([0, -1, 1, -1], classes_count=2)
    assert compute_metrics(mixed).n == 2


def test_the_log_loss_of_a_certain_and_wrong_prediction_stays_finite():
    part = Predictions(
        paths=("a",), classes=("x", "y"), probabilities=np.array([[1.0, 0.0]]), true_indices=np.array([1])
    )
    loss = compute_metrics(part).log_loss
    assert loss is not None
    assert 30 < loss < 40


def test_a_score_agrees_with_all_metrics():
    part = predictions([0, 1, 2, 2, 1], classes_count=3)
    of_true = part.probabilities[np.arange(5), part.true_indices]
    score = score_predictions(
        part.true_indices, part.predicted_indices, losses=-np.log(of_true), classes_count=3
    )
    metrics = compute_metrics(part)
    assert (score.n, score.accuracy, score.interval) == (5, metrics.accuracy, metrics.interval)
    assert score.confusion == metrics.confusion
    assert score.log_loss == metrics.log_loss


def test_a_score_without_images_knows_nothing():
    nothing = np.zeros(0, dtype=np.int64)
    score = score_predictions(nothing, nothing, losses=np.zeros(0), classes_count=2)
    assert (score.n, score.accuracy, score.log_loss, score.interval) == (0, None, None, None)


def test_metrics_of_a_confusion_matrix_lack_only_what_needs_probabilities():
    part = predictions([0, 1, 2, 2, 1], classes_count=3)
    metrics = compute_metrics(part)
    of_counts = metrics_of_confusion(np.array(metrics.confusion), classes=part.classes)
    assert with_confidence(of_counts, part) == metrics
    assert (of_counts.ece, of_counts.brier, of_counts.log_loss) == (None, None, None)


def test_every_label_column_is_evaluated_by_its_own_labels():
    first, second = predictions([0, 1, 1], classes_count=2), predictions([1, -1, 0], classes_count=3, seed=1)
    both = dataclasses.replace(first, further={"health": second})
    found = evaluate_predictions(both, subset="test", column="species")
    assert list(found.columns) == ["species", "health"]
    assert found.columns["health"].metrics == compute_metrics(second)
    assert (found.n, found.columns["health"].metrics.n) == (3, 2)


def test_images_in_groups_have_a_wider_interval():
    part = predictions([0, 1] * 10, classes_count=2)
    alone, grouped = compute_metrics(part), compute_metrics(part, group_of=[row // 4 for row in range(20)])
    assert (alone.groups, grouped.groups) == (None, 5)
    assert alone.interval is not None
    assert grouped.interval is not None
    assert grouped.interval.high - grouped.interval.low > alone.interval.high - alone.interval.low
    assert dataclasses.replace(grouped, groups=None, interval=alone.interval) == alone


def test_groups_of_one_image_each_are_none():
    part = predictions([0, -1, 1, 1], classes_count=2)
    assert compute_metrics(part, group_of=[4, 4, 0, 1]) == compute_metrics(part)


def test_the_intervals_hold_the_losses():
    found = compute_metrics(predictions([0, 1, 2] * 20, classes_count=3))
    assert found.brier_interval is not None
    assert found.log_loss_interval is not None
    assert found.brier_interval.low < (found.brier or 0) < found.brier_interval.high
    assert found.log_loss_interval.low < (found.log_loss or 0) < found.log_loss_interval.high
