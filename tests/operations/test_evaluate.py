"""Figures of a run, on its own test images and on another folder."""

import shutil
from pathlib import Path

import pytest

from tests.operations.conftest import CHEAP
from tlstudio.core.errors import UserError
from tlstudio.core.events import WarningRaised
from tlstudio.data.splits import read_split
from tlstudio.evaluation.predictions import read_predictions_csv


def test_a_run_without_test_images_says_what_to_do(photos, do, tmp_path):
    do("train", folder=photos(), run=tmp_path / "run", recipe={**CHEAP, "split": {"test": 0}})
    with pytest.raises(UserError, match="no images for testing") as caught:
        do("evaluate", run=tmp_path / "run")
    assert "--images" in caught.value.mend


def test_damaged_figures_are_reported(trained_run, do, tmp_path):
    run = shutil.copytree(trained_run.run, tmp_path / "run")
    (run / "metrics.json").write_text('{"a": 1}')
    with pytest.raises(UserError, match="is damaged"):
        do("evaluate", run=run)


def test_classes_the_model_does_not_know_are_left_out_with_a_warning(trained_run, photos, do):
    root = photos(classes=("ants", "bees", "wasps"), per_class=5, seed=3)
    events = []
    value = do("evaluate", run=trained_run.run, images=root, emit=events.append)
    assert value["n"] == 10
    (predictions,) = read_predictions_csv(Path(value["predictions"])).values()
    assert {path.split("/")[0] for path in predictions.paths} == {"ants", "bees"}
    (warning,) = [event for event in events if isinstance(event, WarningRaised)]
    assert warning.code == "unknown-classes"
    assert "wasps" in warning.message
    assert "ants" not in warning.message


def test_no_class_the_model_knows_is_an_error(trained_run, photos, do):
    with pytest.raises(UserError, match="ants, bees, leaves"):
        do("evaluate", run=trained_run.run, images=photos(classes=("wasps", "flies"), per_class=2))


def test_the_runs_own_test_images_give_the_runs_figures(trained_run, do, tmp_path):
    """The test images, in a folder of their own, are classified as at the end of training."""
    for path in read_split(trained_run.run / "split.csv").paths("test"):
        (tmp_path / "test" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(trained_run.images / path, tmp_path / "test" / path)
    again = do("evaluate", run=trained_run.run, images=tmp_path / "test")
    stored = do("evaluate", run=trained_run.run)
    assert again["confusion"] == stored["confusion"]
    assert again["n"] == stored["n"] > 0


def test_predictions_are_kept_in_a_file_per_folder(trained_run, photos, do):
    one, other = photos(per_class=3, seed=7), photos(per_class=2, seed=8, name="other")
    value = do("evaluate", run=trained_run.run, images=one)
    file = Path(value["predictions"])
    (predictions,) = read_predictions_csv(file).values()
    assert value["n"] == len(predictions.paths) == 9
    assert sum(map(sum, value["confusion"])) == 9
    again = do("evaluate", run=trained_run.run, images=other)
    assert again["n"] == 6
    assert file.exists()
    assert again["predictions"] != str(file)


def test_findings_of_the_checks_come_with_the_figures(trained_run, photos, do):
    keys = {"check", "severity", "message", "numbers", "paths"}
    own = do("evaluate", run=trained_run.run)
    folder = do("evaluate", run=trained_run.run, images=photos(per_class=3, seed=9))
    for value in (own, folder):
        assert all(set(finding) == keys for finding in value["findings"])
        few = next(finding for finding in value["findings"] if finding["check"] == "too-few-tests")
        assert few["numbers"]["n"] == value["n"]
        assert few["message"].endswith("(Data → Split), or collect more."), "the mend ends the message"
