"""What can be ignored in a project's images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tlstudio.gui.pages.model.columns import Columns, read_columns


@pytest.fixture
def columns(opened) -> Columns:
    root = Path(opened.project.images_root)
    rows = [f"{image.path},{index % 2},lab" for index, image in enumerate(opened.images())]
    (root / "table.csv").write_text("\n".join(["image,camera,place", *rows]), encoding="utf-8")
    return read_columns(root, opened.images())


def test_what_every_image_has_and_several_share_is_offered(columns):
    assert "camera" in dict(columns.choices)
    assert "place" not in dict(columns.choices), "it is the same for all"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("camera", ""),
        ("gone", "no column of table.csv"),
        ("(", "no column"),
        ("place", "same for all"),
    ],
)
def test_what_cannot_be_ignored_is_said(columns, rule, words):
    problem = columns.problem_of(rule)
    assert words in problem
    assert bool(problem) == bool(words)


def test_nothing_is_said_while_nothing_is_labelled(columns):
    assert not replace(columns, learned=()).problem_of("gone")


def test_what_can_be_learned_besides_the_classes_is_offered(columns, opened):
    half = len(opened.images()) // 2
    assert columns.further == (("camera", f"camera (0 {half}, 1 {half})"),)
