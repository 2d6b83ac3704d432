"""Figures in plain words."""

from __future__ import annotations

import numpy as np
import pytest

from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions
from tlstudio.gui.pages.evaluate.text import headline, notes, other_metrics


def evaluation_of(true, predicted, *, sure=0.9, subset="test", classes=("a", "b", "c")) -> Evaluation:
    probabilities = np.full((len(true), len(classes)), (1 - sure) / (len(classes) - 1))
    probabilities[np.arange(len(true)), predicted] = sure
    predictions = Predictions(
        paths=tuple(f"{n}.jpg" for n in range(len(true))),
        classes=classes,
        probabilities=probabilities,
        true_indices=np.array(true, dtype=np.int64),
    )
    return evaluate_predictions(predictions, subset=subset)


def texts(evaluation: Evaluation, **settings) -> list[str]:
    return [note.text for note in notes(evaluation, has_test=True, **settings)]


def test_headline():
    assert headline(evaluation_of([0] * 47 + [1], [0] * 48)) == (
        "97.9 %",
        "of 48 test images right · 95 % interval 89–100",
    )


def test_every_figure_has_a_tip():
    figures = other_metrics(evaluation_of([0, 1, 2], [0, 1, 1]))
    assert [text.rsplit(" ", 1)[0].split(" 6")[0] for text, _ in figures] == [
        "macro F1",
        "balanced accuracy",
        "ECE",
    ]
    assert all(len(tip) > 40 for _, tip in figures)


def test_few_images_are_explained_and_many_are_not():
    few = evaluation_of([0, 1] * 20, [0, 1] * 20)
    assert any(text.startswith("Only 40 images: on many more of the same kind") for text in texts(few))
    many = evaluation_of([0, 1] * 60, [0, 1] * 60)
    assert not any(text.startswith("Only") for text in texts(many))


def test_classes_without_images_are_named():
    assert any(text.startswith("No images of c:") for text in texts(evaluation_of([0, 1], [0, 1])))


def test_what_is_mixed_up_most():
    evaluation = evaluation_of([0, 0, 0, 1, 2], [1, 1, 0, 0, 2])
    assert "Most often mixed up: a taken for b, 2 times" in texts(evaluation)
    assert "All 3 answers are right." in texts(evaluation_of([0, 1, 2], [0, 1, 2]))


def test_worse_than_guessing_is_said_first():
    assert texts(evaluation_of([0] * 30 + [1] * 10, [0] * 40))[0].startswith("No better than always naming")


@pytest.mark.parametrize(
    ("right", "sure", "words"),
    [
        (90, 0.9, "taken at their word"),
        (60, 0.95, "more sure than it should be"),
        (100, 0.6, "less sure than it could be"),
    ],
)
def test_calibration(right, sure, words):
    evaluation = evaluation_of(
        [0] * 50 + [1] * 50, [0] * 50 + [1] * (right - 50) + [0] * (100 - right), sure=sure
    )
    assert any(words in text for text in texts(evaluation))


def test_problems_of_reading_are_passed_on():
    assert texts(evaluation_of([0, 1], [0, 1]), problem="It is damaged.")[0] == "It is damaged."
