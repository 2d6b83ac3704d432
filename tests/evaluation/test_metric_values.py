import pytest

from tlstudio.core.types import Interval
from tlstudio.evaluation.metric_values import ClassMetrics, Metrics

METRICS = Metrics(
    accuracy=0.6,
    interval=Interval(low=0.3, high=0.8),
    n=10,
    macro_f1=0.5,
    balanced_accuracy=0.55,
    ece=0.1,
    ece_limit=0.2,
    groups=4,
    brier=0.5,
    brier_interval=Interval(low=0.2, high=1.3),
    log_loss=0.7,
    log_loss_interval=Interval(low=0.4, high=2.5),
    confusion=((4, 3, 0), (0, 2, 1), (0, 0, 0)),
    classes=("a", "b", "c"),
    per_class=(
        ClassMetrics(class_name="a", precision=1.0, recall=4 / 7, f1=0.7, n=7),
        ClassMetrics(class_name="b", precision=0.4, recall=2 / 3, f1=0.5, n=3),
        ClassMetrics(class_name="c", precision=None, recall=None, f1=None, n=0),
    ),
    notes=("No image of c here.",),
)


def test_what_is_stored_can_be_read():
    assert Metrics.from_json(METRICS.as_stored_json()) == METRICS


def test_the_printed_json_lacks_only_what_is_stored():
    assert set(METRICS.as_stored_json()) - set(METRICS.as_json()) == {"notes"}
    assert list(METRICS.as_json()["per_class"][0]) == ["class", "precision", "recall", "f1", "n"]


def test_keys_that_are_not_known_or_missing_are_no_damage():
    read = Metrics.from_json({"accuracy": 1, "n": 3, "from_the_future": {}})
    assert (read.accuracy, read.n, read.ece, read.per_class) == (1.0, 3, None, ())


@pytest.mark.parametrize(
    "damaged",
    [
        {"n": 3},
        {"n": "three"},
        {"n": 3, "accuracy": 1, "interval": [0.2]},
        {"n": 3, "accuracy": 1, "interval": [0.2, 1.2]},
        {"n": 3, "accuracy": 1, "brier_interval": [0.2, 2.2]},
        {"n": 3, "accuracy": 1, "confusion": 5},
        {"n": 3, "accuracy": 1, "per_class": [{"precision": 1.0}]},
    ],
)
def test_damaged_values_are_refused(damaged: dict):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Metrics.from_json(damaged)


def test_the_worst_cell_is_the_most_frequent_confusion():
    assert METRICS.worst_cell() == (0, 1)
    assert METRICS.wrong_count == 4


def test_of_equal_cells_the_first_is_the_worst():
    assert Metrics(confusion=((0, 2), (2, 0)), n=4, accuracy=0).worst_cell() == (0, 1)
