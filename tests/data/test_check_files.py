"""Checking many files."""

from __future__ import annotations

from tlstudio.core.control import Control
from tlstudio.core.dataset import Image
from tlstudio.core.types import ProblemFile
from tlstudio.data.check_files import check_files


def test_each_file_becomes_an_image_or_a_problem_in_order(photos, tmp_path):
    file = photos(per_class=1) / "ants" / "photo-000.jpg"
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    good, torn, missing = check_files(
        tmp_path, [file.as_posix(), "torn.jpg", "missing.jpg"], known={}, control=Control()
    )
    assert isinstance(good, Image)
    assert (good.path, good.label(), good.width) == (file.as_posix(), None, 48)
    assert isinstance(torn, ProblemFile)
    assert isinstance(missing, ProblemFile)
    assert missing.path == "missing.jpg"
