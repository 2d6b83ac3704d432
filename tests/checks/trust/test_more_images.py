"""The finding on more images carries the figures of the curve."""

from __future__ import annotations

import pytest

from tests.checks.made import evaluation, examine
from tests.evaluation.test_enough import CURVE
from tlstudio.checks.evidence import Evidence
from tlstudio.evaluation.enough import answer
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.project.runs import RunFolder


@pytest.fixture
def run(tmp_path) -> RunFolder:
    made = RunFolder(tmp_path / "run-1")
    made.create()
    return made


def test_the_sentence_and_its_figures(run):
    run.append_event(CURVE)
    (found,) = examine("more-images", Evidence(run=run, evaluation=evaluation([0, 1], [0, 1])))
    assert found.message == answer(CURVE).message
    assert found.numbers["more_per_class"] == 40
    assert (found.numbers["low"], found.numbers["accuracy"], found.numbers["high"]) == (0.86, 0.91, 0.94)
    assert (found.numbers["class"], found.numbers["class_mistakes"]) == ("plastic", 31)
    assert found.numbers["n"] == 240


def test_it_waits_for_a_curve_and_is_about_the_images_of_the_run(run):
    judged = evaluation([0, 1], [0, 1])
    assert not Evidence(run=run, evaluation=judged).has("learning_curve")
    run.append_event(CURVE)
    assert not Evidence(run=run, evaluation=judged, left_out=LeftOut()).has("learning_curve")
    assert not Evidence(run=run).has("learning_curve"), "not while it is being trained"
    assert not Evidence(evaluation=judged).has("learning_curve")
