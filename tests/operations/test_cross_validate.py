"""All images of a run, each answered by heads that did not learn from it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.operations.conftest import CHEAP
from tlstudio.core.errors import UserError
from tlstudio.data.splits import read_split
from tlstudio.evaluation.predictions import read_predictions_csv
from tlstudio.project.runs import RunFolder
from tlstudio.specs.cross_validated import REPEATS


def test_every_image_of_the_run_is_answered_once(trained_run, do):
    value = do("cross-validate", run=trained_run.run)
    paths = set(read_split(RunFolder(Path(trained_run.run)).split).assignment)
    (predictions,) = read_predictions_csv(Path(value["predictions"])).values()
    assert set(predictions.paths) == paths
    assert value["n"] == len(paths)
    assert len(value["repeats"]) == REPEATS
    assert value["accuracy"] == pytest.approx(sum(value["repeats"]) / REPEATS, abs=0.15)
    assert any("did not learn from it" in found["message"] for found in value["findings"])


def test_where_more_than_the_last_layer_learned_it_is_refused(photos, do, tmp_path):
    recipe = {**CHEAP, "head": {"kind": "hidden", "hidden_units": 4}, "epochs": 1}
    do("train", folder=photos(), run=tmp_path / "run", recipe=recipe)
    with pytest.raises(UserError, match="last layer alone") as caught:
        do("cross-validate", run=tmp_path / "run")
    assert "test images" in caught.value.mend


def test_images_that_are_gone_are_said(photos, do, tmp_path):
    root = photos()
    do("train", folder=root, run=tmp_path / "run", recipe=CHEAP)
    shutil.rmtree(root)
    with pytest.raises(UserError, match="no longer at"):
        do("cross-validate", run=tmp_path / "run")
