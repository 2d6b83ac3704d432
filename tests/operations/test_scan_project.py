"""Reading the folder of a project again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tlstudio.project.store import Project
from tlstudio.specs.recipe import Recipe


def test_a_scan_keeps_labels_and_new_images_join_the_split(project, do):
    first = do("scan-project", project=project.folder)
    assert first["classes"] == {"ants": 8, "bees": 8, "leaves": 8}
    before = dict(project.split().assignment)
    assert len(before) == 24
    project.set_label(["ants/photo-001.jpg"], class_name="bees")
    added = project.images_root / "leaves" / "new.jpg"
    added.write_bytes((project.images_root / "leaves" / "photo-000.jpg").read_bytes())
    (project.images_root / "leaves" / "torn.jpg").write_bytes(b"\xff\xd8\xff torn")
    (project.images_root / "bees" / "photo-007.jpg").unlink()
    second = do("scan-project", project=project.folder)
    assert second["images"] == second["labelled"] == 24
    assert second["classes"] == {"ants": 7, "bees": 8, "leaves": 9}
    assert second["problems"] == 1
    assert project.image("ants/photo-001.jpg").label() == "bees"
    after = dict(project.split().assignment)
    assert {path: side for path, side in after.items() if path in before} == {
        path: side for path, side in before.items() if path != "bees/photo-007.jpg"
    }
    # The new image is a copy of a known one, so it must take its side.
    assert after["leaves/new.jpg"] == before["leaves/photo-000.jpg"]


def test_the_draft_of_a_project_decides_the_first_split(project, do):
    project.save_draft(Recipe().model_dump(mode="json") | {"split": {"validation": 0.0, "test": 0.0}})
    do("scan-project", project=project.folder)
    assert set(project.split().assignment.values()) == {"train"}


@pytest.fixture
def divided(tmp_path: Path, photos) -> Iterator[Project]:
    """A project whose images came divided into train and test, with one class more in train."""
    for part, seed in (("train", 1), ("test", 2)):
        photos(name=f"set/{part}", per_class=6, seed=seed)
    with Project.create(tmp_path / "project", name="set", images_root=tmp_path / "set") as opened:
        yield opened


def test_a_division_of_the_folders_becomes_the_split_and_is_offered(divided, do):
    value = do("scan-project", project=divided.folder)
    assert value["classes"] == {"ants": 12, "bees": 12, "leaves": 12}
    sides = {(path.split("/")[0], side) for path, side in divided.split().assignment.items()}
    assert sides == {("train", "train"), ("train", "validation"), ("test", "test")}
    (note,) = divided.scan_notes()
    assert (note.code, note.choices) == ("division", ("deepest", "top"))


def test_another_way_to_understand_the_folders_leaves_nothing_of_the_first(divided, do):
    do("scan-project", project=divided.folder)
    divided.add_class("wasps")
    divided.set_label(["train/ants/photo-000.jpg"], class_name="bees")
    divided.save_draft({"layout": "top"})
    do("scan-project", project=divided.folder, anew=True)
    assert divided.classes() == ["bees", "wasps", "test", "train"]  # what the person made stays
    assert divided.image("train/ants/photo-000.jpg").label() == "bees"
    divided.save_draft({"layout": "deepest"})
    do("scan-project", project=divided.folder, anew=True)
    assert set(divided.classes()) == {"bees", "wasps", "ants", "leaves"}
    sides = {(path.split("/")[0], side) for path, side in divided.split().assignment.items()}
    assert ("train", "test") in sides  # drawn anew, whatever the folders are called


def test_groups_of_the_draft_may_leave_images_out_and_are_kept_on_one_side(project, do):
    project.save_draft({"split": {"groups": "(photo-00[0-3])"}})
    do("scan-project", project=project.folder)
    assert {image.group for image in project.images()} == {None, *(f"photo-00{n}" for n in range(4))}
    sides = {(image.group, image.split) for image in project.images() if image.group}
    assert len(sides) == 4
    assert [note.code for note in project.scan_notes()] == ["groups"]


@pytest.mark.parametrize("rule", ["nothing like this", "photo", "("])
def test_groups_that_do_not_fit_any_more_are_said_and_the_images_are_there(project, do, rule):
    project.save_draft({"split": {"groups": rule}})
    assert do("scan-project", project=project.folder)["images"] == 24
    (note,) = project.scan_notes()
    assert note.is_warning
    assert note.mend
    assert all(image.group is None for image in project.images())
