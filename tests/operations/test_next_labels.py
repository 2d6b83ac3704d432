"""What to label next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operations.tables import truth, write
from tlstudio.core.errors import UserError
from tlstudio.operations import next_labels
from tlstudio.project.store import Project


def test_what_is_next_comes_with_suggestions_once_two_classes_have_labels(
    unlabelled: Path, do, tmp_path: Path
):
    first = do("next-labels", project=unlabelled, count=6)["images"]
    assert len(first) == 6
    assert all(row["suggestion"] is row["probability"] is None for row in first)
    classes = dict(truth(unlabelled))
    rows = [("image", "label"), *((path, classes[path]) for path in sorted(classes)[::2])]
    do("import-labels", project=unlabelled, table=write(tmp_path / "half.csv", rows))
    found = do("next-labels", project=unlabelled, count=50)
    assert sorted(row["path"] for row in found["images"]) == sorted(classes)[1::2]
    assert all(0 < row["probability"] <= 1 for row in found["images"])
    assert sum(row["suggestion"] == classes[row["path"]] for row in found["images"]) >= 8
    assert found["n"] == 12
    assert found["interval"][0] <= found["accuracy"] <= found["interval"][1]
    assert do("label-status", project=unlabelled)["labelled"] == 12, "suggestions are no labels"


def test_a_missing_images_folder_is_said(unlabelled: Path, do):
    with Project(unlabelled) as project:
        root = project.images_root
    root.rename(root.with_name("elsewhere"))
    with pytest.raises(UserError, match="is not there"):
        do("next-labels", project=unlabelled, count=3)


def test_plain_orders(unlabelled: Path, do):
    by_path = do("next-labels", project=unlabelled, count=3, order="path")["images"]
    assert [row["path"] for row in by_path] == sorted(path for path, _ in truth(unlabelled))[:3]
    draw = {"project": unlabelled, "count": 5, "order": "random"}
    first, again, other = (do("next-labels", **draw, seed=seed)["images"] for seed in (1, 1, 2))
    assert first == again != other


def test_when_all_have_labels_nothing_is_next(photos, do, tmp_path: Path):
    do("new-project", folder=photos(), out=tmp_path / "new")
    assert do("next-labels", project=tmp_path / "new", count=3)["images"] == []


def test_the_sure_ones_come_the_surest_first(unlabelled: Path, do, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(next_labels, "SURE", 0.4)
    assert do("next-labels", project=unlabelled, count=50, order="sure")["images"] == []
    classes = dict(truth(unlabelled))
    rows = [("image", "label"), *((path, classes[path]) for path in sorted(classes)[::2])]
    do("import-labels", project=unlabelled, table=write(tmp_path / "half.csv", rows))
    sure = [
        row["probability"] for row in do("next-labels", project=unlabelled, count=50, order="sure")["images"]
    ]
    assert 0 < len(sure) <= 12
    assert sure == sorted(sure, reverse=True)
    assert min(sure) >= 0.4


def test_features_are_at_hand_for_the_next_label_and_new_images_are_looked_at(
    unlabelled: Path, do, monkeypatch
):
    do("next-labels", project=unlabelled, count=1)
    monkeypatch.setattr(next_labels, "Evidence", None)
    with Project(unlabelled) as project:
        project.set_label([truth(unlabelled)[0][0]], class_name="ants")
    assert len(do("next-labels", project=unlabelled, count=50)["images"]) == 23
    with Project(unlabelled) as project:
        project.leave_out([truth(unlabelled)[1][0]])
    with pytest.raises(TypeError):
        do("next-labels", project=unlabelled, count=1)
