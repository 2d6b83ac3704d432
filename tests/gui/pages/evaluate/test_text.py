"""Figures in plain words."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from tlstudio.core.finding import Finding
from tlstudio.core.glossary import terms_in
from tlstudio.evaluation.evaluation import Evaluation
from tlstudio.evaluation.metrics import evaluate_predictions
from tlstudio.evaluation.predictions import Predictions
from tlstudio.gui.pages.evaluate.text import findings_of, headline, other_metrics, verdict_of


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


def test_headline():
    assert headline(evaluation_of([0] * 47 + [1], [0] * 48)) == (
        "97.9 %",
        "of 48 test images right · 95 % interval 89–99",
    )


def test_every_figure_is_explained_by_the_glossary():
    figures = other_metrics(evaluation_of([0, 1, 2], [0, 1, 1]))
    assert [text.rsplit(" ", 1)[0].split(" 6")[0] for text in figures[:2]] == [
        "macro F1",
        "balanced accuracy",
    ]
    assert re.fullmatch(r"calibration error \(ECE\) 0\.\d+ \(chance: up to 0\.\d+\)", figures[2])
    explained = [entry.title for text in figures for entry in terms_in(text)]
    assert explained == ["F1", "Balanced accuracy", "Calibration", "ECE"]


def test_images_that_do_not_count_stand_beside_the_figure():
    folder = replace(
        evaluation_of([0, 1], [0, 1], subset="folder"),
        left_out={"same_file": 3, "same_picture": 1, "unlabelled": 2, "unknown_class": 0, "unusable": 1},
    )
    assert headline(folder)[1].endswith(" · 4 of its training left out · 3 not counted")


def test_the_verdict_is_not_that_of_an_older_version():
    old = Finding(check="better-than-guessing", severity="ok", message="3 points better than blind guessing.")
    poor = replace(evaluation_of([0, 1] * 20, [0] * 40), findings=(old,))
    assert findings_of(poor) == []
    assert verdict_of(poor).severity == "serious"


def test_findings_are_shown_after_a_problem_of_reading():
    evaluation = evaluation_of([0, 1], [0, 1])
    ok = Finding(check="c", severity="ok", message="All is well.")
    few = Finding(check="c", severity="warning", message="Few images.")
    with_findings = replace(evaluation, findings=(ok, few))
    assert findings_of(with_findings) == [few, ok]
    messages = [found.message for found in findings_of(with_findings, problem="It is damaged.")]
    assert messages == ["It is damaged.", "Few images.", "All is well."]
