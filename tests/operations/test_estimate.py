"""Estimating a training of a project."""

import pytest

from tests.operations.conftest import CHEAP
from tests.training.tiny import tiny_backbone
from tlstudio.project.store import Project


@pytest.fixture(autouse=True)
def _tiny_probe(monkeypatch):
    monkeypatch.setattr("tlstudio.training.planning.cost_probe.load_backbone", tiny_backbone)


def test_an_estimate_uses_the_split_and_starts_no_run(scanned, do):
    before = scanned.split()
    value = do("estimate", project=scanned.folder, recipe=CHEAP)
    assert value["total_seconds"] >= value["features_seconds"] + value["evaluation_seconds"] > 0
    assert value["seconds_per_epoch"] is None
    assert value["cache_bytes"] > 0
    assert scanned.split() == before
    assert not scanned.runs_folder.is_dir() or not any(scanned.runs_folder.iterdir())


def test_photos_labelled_since_the_scan_are_counted_before_they_are_divided(do, photos, tmp_path):
    with Project.create(tmp_path / "project", name="Loose", images_root=photos() / "ants") as project:
        do("scan-project", project=project.folder)
        paths = [image.path for image in project.images()]
        project.set_label(paths[:4], class_name="queen")
        project.set_label(paths[4:], class_name="worker")
        assert do("estimate", project=project.folder, recipe=CHEAP)["total_seconds"] > 0


def test_an_open_freeze_line_is_estimated_with_the_tries_that_choose_it(scanned, do):
    value = do(
        "estimate", project=scanned.folder, recipe={**CHEAP, "strategy": "fine-tune", "freeze": "auto"}
    )
    assert value["total_seconds"] > value["features_seconds"] > 0
