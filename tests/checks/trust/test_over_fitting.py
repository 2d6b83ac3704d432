"""Over-fitting, judged by accuracy, interval and log loss."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.checks.made import epoch, examine
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.trust.over_fitting import loss_of_one_confidence
from tlstudio.core.events import EpochEnded
from tlstudio.core.types import Split, SplitName


def judged(**fields):
    (found,) = examine("over-fitting", Evidence(history=[epoch(**fields)]))
    return found


def test_images_learnt_by_heart_and_confident_mistakes_are_a_warning():
    found = judged(train_accuracy=1.0, correct=70, n=100, validation_loss=2.1)
    assert found.severity == "warning"
    assert "100 %" in found.message
    assert "70 %" in found.message
    assert found.numbers["train_accuracy"] == 1.0
    assert found.mend


def test_a_gap_with_sensible_probabilities_is_usual_for_a_linear_probe():
    found = judged(train_accuracy=1.0, correct=70, n=100, validation_loss=0.55)
    assert found.severity == "note"


def test_a_small_gap_is_none():
    found = judged(train_accuracy=0.9, correct=75, n=100, validation_loss=3.0)
    assert (found.severity, found.message) == ("ok", "No over-fitting (gap 15 points).")


def test_a_wide_gap_that_chance_explains_is_none():
    found = judged(train_accuracy=0.83, correct=6, n=10, validation_loss=3.0)
    assert found.severity == "ok"
    assert found.message == (
        "No over-fitting shown (gap 23 points, which 10 check images can differ by chance)."
    )


def test_the_kept_epoch_is_judged_and_not_the_last():
    history = [
        epoch(number=1, best=1, train_accuracy=0.8, correct=78, n=100, validation_loss=0.6),
        epoch(number=2, best=1, train_accuracy=1.0, correct=70, n=100, validation_loss=2.5),
    ]
    (found,) = examine("over-fitting", Evidence(history=history))
    assert found.severity == "note", "no warning: what over-fitted is not kept"
    assert "78 % of the check images were right at epoch 1, 70 % now" in found.message
    assert found.meaning == "The classifier of epoch 1 is the one that is kept."


def course(
    *right: int, n: int = 100, keeps: str = "last", losses: tuple[float, ...] = ()
) -> list[EpochEnded]:
    """A training with a small gap in which so many validation images were right after each epoch."""
    history = []
    for number, correct in enumerate(right):
        best = number if keeps == "last" else max(range(number + 1), key=lambda epoch: right[epoch])
        loss = losses[number] if losses else 0.5
        history.append(
            epoch(
                number=number,
                best=best,
                train_accuracy=correct / n + 0.05,
                correct=correct,
                n=n,
                validation_loss=loss,
            )
        )
    return history


@pytest.mark.parametrize(
    ("history", "severity", "words"),
    [
        (course(70, 80, 90), "ok", "No over-fitting"),
        (course(70, 90, 89), "ok", "No over-fitting"),
        (
            course(70, 90, 86),
            "note",
            "90 % of the check images were right at epoch 1, 86 % now, no more than",
        ),
        (course(70, 95, 80), "warning", "95 % of the check images were right at epoch 1, 80 % now."),
        (course(95, 80, 78), "warning", "at the start"),
        (course(70, 95, 80, keeps="best"), "note", "95 % of the check images were right at epoch 1"),
        (
            course(90, 90, 90, losses=(0.5, 0.3, 0.4)),
            "note",
            "the loss on the check images was 0.30 and is",
        ),
        (course(90, 90, 90, losses=(0.5, 0.3, 0.31)), "ok", "No over-fitting"),
        (course(8, 10, 8, n=11), "note", "no more than chance explains"),
    ],
)
def test_a_small_gap_is_no_all_clear_while_validation_falls(history, severity, words):
    (found,) = examine("over-fitting", Evidence(history=history))
    assert found.severity == severity
    assert words in found.message


def test_settings_are_no_course_over_time():
    settings = [replace(event, axis="setting") for event in course(95, 80)]
    (found,) = examine("over-fitting", Evidence(history=settings))
    assert found.severity == "ok"


def test_without_validation_images_nothing_warns_of_it():
    found = judged(train_accuracy=1.0, correct=0, n=0, validation_loss=None)
    assert found.severity == "note"
    assert found.message.startswith("No check images")


def test_check_images_that_were_learned_from_are_not_missed():
    history = [replace(epoch(train_accuracy=1.0), validation_n=0)]
    sides: dict[str, SplitName] = {"a.png": "train", "b.png": "validation"}
    split = Split(assignment=sides, seed=0, validation_fraction=0.5, test_fraction=0)
    (found,) = examine("over-fitting", Evidence(history=history, split=split))
    assert (found.severity, found.mend) == ("note", "")
    assert "also learned from the check images" in found.message


def test_without_training_accuracy_it_cannot_be_judged():
    found = judged(train_accuracy=None, correct=7, n=10, validation_loss=0.5)
    assert found.severity == "note"


def test_without_log_loss_the_gap_alone_decides():
    assert judged(train_accuracy=1.0, correct=50, n=100, validation_loss=None).severity == "warning"


@pytest.mark.parametrize("classes", [2, 5])
def test_one_confidence_for_all_predictions(classes):
    assert loss_of_one_confidence(1.0, classes=classes) == 0
    assert loss_of_one_confidence(1 / classes, classes=classes) == pytest.approx(math.log(classes))
    assert loss_of_one_confidence(0.0, classes=2) == 0
    assert loss_of_one_confidence(0.8, classes=2) == pytest.approx(0.5004, abs=1e-4)
