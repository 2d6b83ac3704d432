"""A new project without the window."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlstudio.core.errors import UserError
from tlstudio.project.store import Project


def test_a_new_project_has_the_labels_of_its_folders(photos, do, tmp_path: Path):
    found = do("new-project", folder=photos(), out=tmp_path / "new")
    assert found["classes"] == {"ants": 8, "bees": 8, "leaves": 8}
    with Project(tmp_path / "new") as project:
        assert project.name == "new"
        assert project.split() is not None


def test_ignored_labels_stay_ignored_when_the_folder_is_read_again(unlabelled: Path, do):
    assert do("scan-project", project=unlabelled)["labelled"] == 0


def test_a_project_is_made_once_and_outside_the_images(photos, do, tmp_path: Path):
    root = photos()
    do("new-project", folder=root, out=tmp_path / "new")
    with pytest.raises(UserError, match="already a project"):
        do("new-project", folder=root, out=tmp_path / "new")
    with pytest.raises(UserError, match="inside the folder of images"):
        do("new-project", folder=root, out=root / "new")
    assert not (root / "new").exists()
    with pytest.raises(UserError, match="no folder of images"):
        do("new-project", folder=root / "no-such", out=tmp_path / "other")
    assert not (tmp_path / "other").exists()
