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


def test_other_figures_are_plain_words_whose_measures_are_named_in_their_tips():
    alike, confidence = other_metrics(evaluation_of([0, 1, 2] * 4, [0, 1, 1] * 4, sure=0.7))
    assert alike[0] == "the same with each class counted alike"
    assert confidence[0] == "its percentages fit, as far as 12 images can show"
    assert not terms_in(alike[0] + confidence[0])
    explained = [entry.title for _, names in (alike, confidence) for entry in terms_in(names)]
    assert explained == ["Balanced accuracy", "F1", "Calibration", "ECE"]


def test_percentages_that_are_off_beyond_chance_and_unequal_classes_are_said():
    unequal = evaluation_of([0] * 90 + [1] * 10, [0] * 100, classes=("a", "b"), sure=0.6)
    alike, confidence = other_metrics(unequal)
    assert alike[0] == "50.0 % with each class counted alike"
    assert confidence[0] == "its percentages are off by 30 points on average"
    assert re.search(r"\(ECE\) 0\.300; chance explains 0\.\d+", confidence[1])


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
