"""Labels that look wrong: named with their images, and nothing where all fit."""

from __future__ import annotations

from tests.checks.made import evaluation, examine, scored_labels
from tlstudio.checks.evidence import Evidence
from tlstudio.checks.runner import run_checks
from tlstudio.core.finding import Finding
from tlstudio.evaluation.label_scores import ScoredLabels
from tlstudio.evaluation.left_out import LeftOut
from tlstudio.specs.checks.label_noise import SPEC


def judge(scored: ScoredLabels) -> Finding:
    (found,) = examine(SPEC.id, Evidence(evaluation=evaluation([0, 1], [0, 1]), label_scores=scored))
    return found


def test_labels_that_look_wrong_are_named_the_worst_first():
    found = judge(scored_labels(wrong=2))
    assert found.severity == "warning"
    assert found.message.startswith("2 labels look wrong, of 20 ")
    assert found.paths == ("0.jpg", "1.jpg")
    assert "10.0 % of the labels are wrong, as estimated (95 % interval 3.0–20.0 %)" in found.meaning
    assert "Look at them" in found.mend
    assert judge(scored_labels(wrong=1)).message.startswith("1 label looks wrong")


def test_nothing_is_named_where_all_labels_fit():
    found = judge(scored_labels(wrong=0))
    assert found.severity == "ok"
    assert found.paths == ()
    assert "None of the 20 labels" in found.message


def test_labels_that_could_not_be_judged_are_counted():
    assert "3 labels of classes with too few images" in judge(scored_labels(wrong=1, unjudged=3)).meaning
    assert "could not be judged" not in judge(scored_labels(wrong=1)).meaning


def test_an_evaluation_on_another_folder_says_nothing_of_them():
    evidence = Evidence(
        evaluation=evaluation([0, 1], [0, 1]), label_scores=scored_labels(wrong=2), left_out=LeftOut()
    )
    assert SPEC.id not in {finding.check for finding in run_checks(evidence, subject="classifier")}
