"""A finished run that another one is to learn from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.tiny import Photos, train
from tlstudio.core.errors import UserError
from tlstudio.core.files import sha256_of
from tlstudio.data.scan import scan_folder
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe
from tlstudio.specs.spec import InputSpec
from tlstudio.training.run.input_run import examine_input_run
from tlstudio.training.run.preparation import prepare

pytestmark = pytest.mark.usefixtures("tiny")
SPEC = InputSpec(id="teacher", title="Teacher", help="A finished run.", kind="run", flag="--teacher")


def test_what_can_be_learned_from_is_named_by_the_hash_of_its_weights(photos: Photos, tmp_path: Path):
    root = photos()
    train(root, tmp_path / "teacher")
    run = RunFolder(tmp_path / "run")
    run.create()
    same = prepare(scan_folder(root), run, Recipe(), resume=False)
    model = tmp_path / "teacher/checkpoints/best.safetensors"
    assert examine_input_run(tmp_path / "teacher", same, SPEC) == sha256_of(model)
    other = prepare(scan_folder(root), run, Recipe(seed=3), resume=False)
    with pytest.raises(UserError, match="test figure would be too good"):
        examine_input_run(tmp_path / "teacher", other, SPEC)
    (tmp_path / "teacher/images.csv").unlink()  # an older run: what it has seen is not known
    examine_input_run(tmp_path / "teacher", other, SPEC)
    model.unlink()
    with pytest.raises(UserError, match="no trained model"):
        examine_input_run(tmp_path / "teacher", same, SPEC)
