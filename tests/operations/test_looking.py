"""Near-duplicates of folders and projects are found, and stay on one side of a split."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.data.near.made import CHANGES, scene
from tlstudio.core.control import Control
from tlstudio.core.errors import Cancelled
from tlstudio.data.scan import scan_folder
from tlstudio.data.splits import make_split
from tlstudio.operations.context import Context
from tlstudio.operations.looking import data_facts, with_near_duplicates
from tlstudio.project.store import Project

CONTEXT = Context(run_id="r")
COPIES = len(CHANGES)


@pytest.fixture
def folder(tmp_path, fresh_cache):
    """Forty pictures in two classes, and a changed copy of some."""
    for number in range(40):
        place = tmp_path / "images" / ("ants" if number % 2 else "bees")
        place.mkdir(parents=True, exist_ok=True)
        scene(number).save(place / f"{number:02d}.png")
        if number < COPIES:
            list(CHANGES.values())[number](scene(number)).save(place / f"copy-{number:02d}.png")
    return tmp_path / "images"


def clusters(images):
    found = {}
    for image in images:
        if image.near is not None:
            found.setdefault(image.near, set()).add(image.path.rpartition("/")[2])
    return sorted(map(sorted, found.values()))


EXPECTED = [[f"{number:02d}.png", f"copy-{number:02d}.png"] for number in range(COPIES)]


def test_near_duplicates_of_a_folder_are_found_and_stay_together(folder):
    dataset = with_near_duplicates(scan_folder(folder), CONTEXT)
    assert clusters(dataset.images) == EXPECTED
    for seed in range(20):
        sides = make_split(dataset.images, validation=0.2, test=0.2, seed=seed).assignment
        for name in {image.near for image in dataset.images} - {None}:
            assert len({sides[image.path] for image in dataset.images if image.near == name}) == 1
    assert set(data_facts(dataset).looks) == {image.path for image in dataset.images}


def test_a_project_knows_them_from_its_scan_and_its_split_keeps_them_together(folder, tmp_path, do):
    Project.create(tmp_path / "project", name="p", images_root=folder).close()
    do("scan-project", project=tmp_path / "project")
    with Project(tmp_path / "project") as project:
        assert clusters(project.images()) == EXPECTED
        sides = {image.near: set() for image in project.images() if image.near is not None}
        for image in project.images():
            if image.near is not None:
                sides[image.near].add(image.split)
        assert all(len(one) == 1 for one in sides.values())


def test_the_check_finds_what_the_scan_could_not_see(folder, tmp_path, do, monkeypatch):
    Project.create(tmp_path / "project", name="p", images_root=folder).close()
    monkeypatch.setattr("tlstudio.operations.scanning.LookWriter.wants", lambda *_: False)
    do("scan-project", project=tmp_path / "project")
    with Project(tmp_path / "project") as project:
        assert clusters(project.images()) == []
    found = do("check-project", project=tmp_path / "project")["findings"]
    with Project(tmp_path / "project") as project:
        assert clusters(project.images()) == EXPECTED
    assert any("copy-00.png" in " ".join(one["paths"]) for one in found)


def test_unchanged_images_are_not_compared_again(folder, tmp_path, do, monkeypatch):
    Project.create(tmp_path / "project", name="p", images_root=folder).close()
    do("scan-project", project=tmp_path / "project")
    monkeypatch.setattr("tlstudio.operations.looking.near_pairs", None)
    do("check-project", project=tmp_path / "project")
    do("scan-project", project=tmp_path / "project")
    monkeypatch.undo()
    Image.fromarray(np.asarray(scene(99))).save(folder / "ants" / "new.png")
    do("scan-project", project=tmp_path / "project")
    with Project(tmp_path / "project") as project:
        assert clusters(project.images()) == EXPECTED


def test_it_can_be_cancelled(folder):
    control = Control()
    control.cancel()
    with pytest.raises(Cancelled):
        with_near_duplicates(scan_folder(folder), Context(run_id="r", control=control))
