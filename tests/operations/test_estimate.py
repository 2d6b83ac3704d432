"""Estimating a training of a project."""

from tests.operations.conftest import CHEAP
from tests.training.tiny import tiny_backbone


def test_an_estimate_uses_the_split_and_starts_no_run(scanned, do, monkeypatch):
    monkeypatch.setattr("tlstudio.training.planning.cost_probe.load_backbone", tiny_backbone)
    before = scanned.split()
    value = do("estimate", project=scanned.folder, recipe=CHEAP)
    assert value["total_seconds"] >= value["features_seconds"] + value["evaluation_seconds"] > 0
    assert value["seconds_per_epoch"] is None
    assert value["cache_bytes"] > 0
    assert scanned.split() == before
    assert not scanned.runs_folder.is_dir() or not any(scanned.runs_folder.iterdir())


def test_an_open_freeze_line_is_estimated_with_the_tries_that_choose_it(scanned, do):
    value = do("estimate", project=scanned.folder, recipe={"strategy": "fine-tune", "freeze": "auto"})
    assert value["total_seconds"] > value["features_seconds"] > 0
