"""The content of a run's test images."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evaluation.tested_runs import answers, content, make_tested_run
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled, UserError
from tlstudio.evaluation.tested_images import read_tested_images
from tlstudio.specs.recipe import Recipe


def test_what_the_run_noted_counts(tmp_path: Path):
    run = make_tested_run(tmp_path / "run", answers(2, 1))
    found = read_tested_images(
        run, Recipe(), ["ants/000.jpg", "new.jpg"], images_root=None, control=Control()
    )
    assert found == {"ants/000.jpg": content("ants/000.jpg")}


def test_a_damaged_list_is_named(tmp_path: Path):
    run = make_tested_run(tmp_path / "run", answers(2, 1))
    run.test_images.write_text("path,split,sha256,near_hash\na,train,x,\n")
    with pytest.raises(UserError, match=r"test-images\.csv is damaged"):
        read_tested_images(run, Recipe(), ["a"], images_root=None, control=Control())


def test_reading_many_files_can_be_cancelled(tmp_path: Path):
    run, control = make_tested_run(tmp_path / "run", answers(2, 1), noted=False), Control()
    control.cancel()
    with pytest.raises(Cancelled):
        read_tested_images(run, Recipe(), ["a"], images_root=tmp_path, control=control)
