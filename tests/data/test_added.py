"""Which files there are in what was dropped."""

from __future__ import annotations

import shutil

import pytest

from tlstudio.core.control import Control
from tlstudio.core.errors import UserError
from tlstudio.data.added import AddedFile, files_in


def test_a_folder_gives_its_files_with_their_class_folders(photos):
    root = photos(classes=("ants",), per_class=2)
    shutil.copy(root / "ants" / "photo-000.jpg", root / "loose.jpg")
    (root / ".hidden.jpg").touch()
    (root / "deep").mkdir()
    (root / "deep" / "deeper").mkdir()
    shutil.copy(root / "loose.jpg", root / "deep" / "deeper" / "a.jpg")
    found = files_in(root, control=Control())
    assert found == [
        AddedFile(root / "ants" / "photo-000.jpg", "ants"),
        AddedFile(root / "ants" / "photo-001.jpg", "ants"),
        AddedFile(root / "deep" / "deeper" / "a.jpg", "deep"),
        AddedFile(root / "loose.jpg", None),
    ]


def test_a_file_is_itself_and_a_missing_one_is_a_sentence(photos):
    file = photos(per_class=1) / "ants" / "photo-000.jpg"
    assert files_in(file, control=Control()) == [AddedFile(file)]
    with pytest.raises(UserError, match="not there"):
        files_in(file.with_name("none.jpg"), control=Control())
