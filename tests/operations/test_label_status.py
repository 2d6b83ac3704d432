"""How many images have a label."""

from __future__ import annotations

from pathlib import Path

from tests.operations.tables import truth
from tlstudio.project.store import Project


def test_images_that_are_left_out_count_apart(unlabelled: Path, do):
    (first, _), (second, _), *_ = truth(unlabelled)
    with Project(unlabelled) as project:
        project.set_label([first], class_name="moths")
        project.leave_out([second])
    assert do("label-status", project=unlabelled) == {
        "images": 23,
        "labelled": 1,
        "unlabelled": 22,
        "left_out": 1,
        "classes": {"moths": 1},
    }
