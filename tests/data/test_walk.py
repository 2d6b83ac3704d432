"""Listing a folder to its depths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.data.walk import walk_folder


def make(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")


def test_all_files_and_folders_are_listed_at_any_depth(tmp_path):
    make(tmp_path, "top.jpg", "cat/a.jpg", "cat/deep/er/b.jpg", "dog/c.jpg")
    (tmp_path / "empty").mkdir()
    found = walk_folder(tmp_path, control=Control())
    assert found.files == ("cat/a.jpg", "cat/deep/er/b.jpg", "dog/c.jpg", "top.jpg")
    assert found.folders == ("cat", "cat/deep", "cat/deep/er", "dog", "empty")


def test_files_of_this_app_are_no_hidden_files(tmp_path):
    for name in (".tlstudio-sample.json", ".DS_Store", "a.png"):
        (tmp_path / name).touch()
    found = walk_folder(tmp_path, control=Control())
    assert (found.files, found.hidden_files) == (("a.png",), 1)


def test_hidden_files_are_counted_also_in_hidden_folders(tmp_path):
    make(tmp_path, "cat/a.jpg", "cat/.b.jpg", "cat/Thumbs.db", ".git/x/1", ".git/2", "__MACOSX/cat/._a.jpg")
    found = walk_folder(tmp_path, control=Control())
    assert list(found.files) == ["cat/a.jpg"]
    assert found.hidden_files == 5
    assert found.folders == ("cat",)


def test_links_to_a_parent_folder_are_not_followed(tmp_path):
    make(tmp_path, "cat/a.jpg")
    (tmp_path / "cat" / "loop").symlink_to(tmp_path)
    (tmp_path / "cat" / "self").symlink_to(tmp_path / "cat" / "self")
    (tmp_path / "again").symlink_to(tmp_path / "cat")
    found = walk_folder(tmp_path, control=Control())
    assert list(found.files) == ["cat/a.jpg", "cat/self"]
    assert sorted((problem.path, problem.code) for problem in found.problems) == [
        ("again", "linked-twice"),
        ("cat/loop", "linked-twice"),
    ]


def test_a_linked_folder_elsewhere_is_a_class_like_any_other(tmp_path):
    make(tmp_path, "pool/cats/a.jpg", "set/dog/b.jpg")
    (tmp_path / "set" / "cat").symlink_to(tmp_path / "pool" / "cats")
    found = walk_folder(tmp_path / "set", control=Control())
    assert list(found.files) == ["cat/a.jpg", "dog/b.jpg"]
    assert found.problems == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_that_are_not_text_are_listed_as_problems(tmp_path):
    make(tmp_path, "cat/a.jpg", "cat/new\nline.jpg")
    (tmp_path / os.fsdecode(b"ca\xff")).mkdir()
    (tmp_path / os.fsdecode(b"ca\xff") / "b.jpg").write_bytes(b"x")
    (tmp_path / "cat" / os.fsdecode(b"\xe9.jpg")).write_bytes(b"x")
    found = walk_folder(tmp_path, control=Control())
    assert list(found.files) == ["cat/a.jpg", "cat/new\nline.jpg"]
    assert sorted((problem.path, problem.code) for problem in found.problems) == [
        ("ca\\xff/b.jpg", "bad-name"),
        ("cat/\\xe9.jpg", "bad-name"),
    ]
    assert found.folders == ("cat",)


def test_a_folder_without_permission_is_a_problem_and_such_a_root_an_error(tmp_path, monkeypatch):
    make(tmp_path, "cat/a.jpg", "closed/b.jpg")
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        if Path(folder) == refused:
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        refused = tmp_path / "closed"
        found = walk_folder(tmp_path, control=Control())
        assert [(problem.path, problem.code) for problem in found.problems] == [("closed", "no-permission")]
        refused = tmp_path
        with pytest.raises(UserError, match="permission"):
            walk_folder(tmp_path, control=Control())


def test_it_can_be_cancelled(tmp_path):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        walk_folder(tmp_path, control=control)
