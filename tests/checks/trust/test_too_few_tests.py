"""Too few images to measure on, or the wrong ones."""

from __future__ import annotations

from pathlib import Path

from tests.checks.made import evaluation, examine, judge
from tlstudio.checks.evidence import Evidence
from tlstudio.core.types import Split
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe


def split(**sides) -> Split:
    return Split(assignment=sides, seed=0, validation_fraction=0.1, test_fraction=0.1)


def test_few_images_are_a_warning_with_the_interval():
    (found,) = judge("too-few-tests", evaluation([0, 1] * 20, [0, 1] * 20))
    assert found.severity == "warning"
    assert found.message == (
        "Only 40 images: a rough figure. "
        "On many more of the same kind, probably between 91 % and 100 % would be right."
    )
    assert found.numbers["n"] == 40
    assert found.numbers["low"] < 1
    assert found.meaning.endswith("About 90 test images would halve this range.")


def test_a_hundred_images_are_enough():
    (found,) = judge("too-few-tests", evaluation([0, 1] * 50, [0, 1] * 50))
    assert found.severity == "ok"


def test_validation_images_are_too_good_a_measure():
    many = evaluation([0, 1] * 50, [0, 1] * 50, subset="validation")
    (found,) = judge("too-few-tests", many, split=split(x="validation", y="test"))
    assert found.severity == "note"
    assert "The test images are the honest measure." in found.message


def test_a_run_without_test_images_is_a_warning():
    many = evaluation([0, 1] * 50, [0, 1] * 50, subset="validation")
    (found,) = judge("too-few-tests", many, split=split(x="validation"))
    assert found.severity == "warning"
    assert found.message.startswith("This run kept no test images.")
    assert "may have been chosen" in found.message


def test_check_images_that_were_learned_from_are_called_so(tmp_path: Path):
    run = RunFolder(tmp_path)
    run.recipe.write_text(Recipe(learns_from="train+validation").model_dump_json(), encoding="utf-8")
    many = evaluation([0, 1] * 50, [0, 1] * 50, subset="validation")
    evidence = Evidence(evaluation=many, split=split(x="validation", y="test"), run=run)
    (found,) = examine("too-few-tests", evidence)
    assert "had not seen these images" in found.message


def test_no_images_at_all():
    (found,) = judge("too-few-tests", evaluation([], []))
    assert found.severity == "warning"
    assert found.message.startswith("No labelled images")
