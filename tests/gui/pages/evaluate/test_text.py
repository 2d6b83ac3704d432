"""Figures in plain words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tlstudio.evaluation.metrics import compute_metrics
from tlstudio.evaluation.predictions import Predictions
from tlstudio.gui.pages.evaluate.contents import Part, make_part
from tlstudio.gui.pages.evaluate.text import headline, notes, other_figures


def part_of(true, predicted, *, sure=0.9, source="test", classes=("a", "b", "c")) -> Part:
    probabilities = np.full((len(true), len(classes)), (1 - sure) / (len(classes) - 1))
    probabilities[np.arange(len(true)), predicted] = sure
    predictions = Predictions(
        paths=tuple(f"{n}.jpg" for n in range(len(true))),
        classes=classes,
        probabilities=probabilities,
        true_indices=np.array(true, dtype=np.int64),
    )
    figures = compute_metrics(predictions).as_json()
    return make_part(source, figures, root=Path("photos"), predictions=predictions)


def texts(part: Part, **settings) -> list[str]:
    return [note.text for note in notes(part, has_test=True, **settings)]


def test_headline():
    assert headline(part_of([0] * 47 + [1], [0] * 48)) == (
        "97.9 %",
        "of 48 test images right · 95 % interval 89–100",
    )


def test_every_figure_has_a_tip():
    figures = other_figures(part_of([0, 1, 2], [0, 1, 1]))
    assert [text.rsplit(" ", 1)[0].split(" 6")[0] for text, _ in figures] == [
        "macro F1",
        "balanced accuracy",
        "ECE",
    ]
    assert all(len(tip) > 40 for _, tip in figures)


def test_few_images_are_explained_and_many_are_not():
    few = part_of([0, 1] * 20, [0, 1] * 20)
    assert any(text.startswith("Only 40 images: on many more of the same kind") for text in texts(few))
    many = part_of([0, 1] * 60, [0, 1] * 60)
    assert not any(text.startswith("Only") for text in texts(many))


def test_classes_without_images_are_named():
    assert any(text.startswith("No images of c:") for text in texts(part_of([0, 1], [0, 1])))


def test_what_is_mixed_up_most():
    part = part_of([0, 0, 0, 1, 2], [1, 1, 0, 0, 2])
    assert part.worst_cell() == (0, 1)
    assert "Most often mixed up: a taken for b, 2 times" in texts(part)
    assert "All 3 answers are right." in texts(part_of([0, 1, 2], [0, 1, 2]))


def test_worse_than_guessing_is_said_first():
    assert texts(part_of([0] * 30 + [1] * 10, [0] * 40))[0].startswith("No better than always naming")


@pytest.mark.parametrize(
    ("right", "sure", "words"),
    [
        (90, 0.9, "taken at their word"),
        (60, 0.95, "more sure than it should be"),
        (100, 0.6, "less sure than it could be"),
    ],
)
def test_calibration(right, sure, words):
    part = part_of([0] * 50 + [1] * 50, [0] * 50 + [1] * (right - 50) + [0] * (100 - right), sure=sure)
    assert any(words in text for text in texts(part))


def test_problems_of_reading_are_passed_on():
    assert texts(part_of([0, 1], [0, 1]), problem="It is damaged.")[0] == "It is damaged."


def test_most_wrong_images_by_loss():
    part = part_of([0, 1, 2], [0, 2, 1], sure=0.8)
    wrong = part.most_wrong(most=5)
    assert [answer.path for answer in wrong] == ["1.jpg", "2.jpg"]
    assert wrong[0].file == str(Path("photos") / "1.jpg")
    assert wrong[0].loss == pytest.approx(-np.log(0.1))
    assert [answer.path for answer in part.most_wrong(most=1)] == ["1.jpg"]
