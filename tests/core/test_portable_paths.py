"""Paths in a run lead to the same place after run and images were moved together."""

import os
import shutil
from pathlib import Path

import pytest

from tlstudio.core.portable_paths import portable_path, resolved_path


def test_run_and_images_that_are_moved_together_find_each_other(tmp_path):
    run, images = tmp_path / "work" / "runs" / "1", tmp_path / "work" / "photos"
    for folder in (run, images):
        folder.mkdir(parents=True)
    text = portable_path(images, base=run)
    assert text == "../../photos"
    assert resolved_path(text, base=run) == images
    moved = Path(shutil.move(tmp_path / "work", tmp_path / "elsewhere"))
    assert resolved_path(text, base=moved / "runs" / "1") == moved / "photos"


def test_an_absolute_path_of_an_older_version_is_taken_as_it_is(tmp_path):
    assert resolved_path(str(tmp_path / "photos"), base=tmp_path / "run") == tmp_path / "photos"


@pytest.mark.skipif(os.name == "nt", reason="places of unix")
def test_places_that_share_nothing_stay_absolute():
    assert portable_path(Path("/media/card/photos"), base=Path("/srv/me/run")) == "/media/card/photos"
