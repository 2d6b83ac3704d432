"""Adding images from anywhere to a project, and reading only what is new."""

from __future__ import annotations

import shutil
import zipfile

import pytest

from tests.operations.conftest import CHEAP
from tlstudio.core.errors import UserError
from tlstudio.data import known_files


def test_added_files_are_scanned_trained_on_and_gone_after_undo(scanned, do, photos, tmp_path):
    more = photos(name="more", classes=("ants", "bees"), per_class=4, seed=9)
    result = do("add-images", project=scanned.folder, paths=[more])
    assert (result["added"], result["labelled"]) == (8, 8)
    assert do("scan-project", project=scanned.folder, only_new=True)["images"] == 32
    path = (more / "ants" / "photo-000.jpg").as_posix()
    assert scanned.image(path).label() == "ants"
    assert path in scanned.split().assignment
    run = tmp_path / "run"
    trained = do("train-project", project=scanned.folder, run=run, recipe=CHEAP)
    assert sum(trained["images"].values()) == 32
    assert scanned.training_time("run") is not None
    assert len(scanned.undo()) == 8
    assert do("scan-project", project=scanned.folder, only_new=True)["images"] == 24


def test_a_given_class_is_the_label_also_of_images_that_are_there_already(scanned, do):
    inside = scanned.images_root / "ants" / "photo-000.jpg"
    result = do("add-images", project=scanned.folder, paths=[inside], class_name="bees")
    assert (result["added"], result["labelled"], result["paths"]) == (0, 1, ["ants/photo-000.jpg"])
    assert scanned.image("ants/photo-000.jpg").label() == "bees"
    assert scanned.added_files() == []
    again = do("add-images", project=scanned.folder, paths=[inside])
    assert (again["added"], again["labelled"]) == (0, 0)
    assert scanned.image("ants/photo-000.jpg").label() == "bees"


def test_a_zip_is_copied_into_the_project_twice_under_two_names(scanned, do, photos, tmp_path):
    more = photos(name="more", classes=("wasps",), per_class=2, seed=9)
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as packed:
        for file in sorted(more.rglob("*.jpg")):
            packed.write(file, file.relative_to(more))
    for _ in range(2):
        do("add-images", project=scanned.folder, paths=[tmp_path / "more.zip"])
    shutil.rmtree(more)
    (tmp_path / "more.zip").unlink()
    assert do("scan-project", project=scanned.folder, only_new=True)["classes"]["wasps"] == 4
    assert sorted(path.name for path in scanned.images_folder.iterdir()) == ["more", "more 2"]


def test_a_bad_zip_leaves_nothing(scanned, do, tmp_path):
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    with pytest.raises(UserError, match="no zip file"):
        do("add-images", project=scanned.folder, paths=[tmp_path / "bad.zip"])
    assert scanned.added_files() == []
    assert not scanned.images_folder.exists() or not list(scanned.images_folder.iterdir())


def test_an_added_file_that_is_missing_is_named_and_comes_back(scanned, do, photos):
    more = photos(name="more", classes=("ants",), per_class=1, seed=9)
    file = more / "ants" / "photo-000.jpg"
    do("add-images", project=scanned.folder, paths=[more])
    file.rename(file.with_name("away.jpg"))
    assert do("scan-project", project=scanned.folder)["problems"] == 1
    assert [problem.path for problem in scanned.problems()] == [file.as_posix()]
    file.with_name("away.jpg").rename(file)
    do("scan-project", project=scanned.folder)
    assert scanned.image(file.as_posix()).label() == "ants"


def test_only_what_is_new_is_read(scanned, do, monkeypatch):
    read: list[str] = []
    check = known_files.check_file

    def counted(file, **rest):
        read.append(file.name)
        return check(file, **rest)

    monkeypatch.setattr(known_files, "check_file", counted)
    shutil.copy(scanned.images_root / "ants" / "photo-000.jpg", scanned.images_root / "ants" / "new.jpg")
    scanned.set_label(["ants/photo-001.jpg"], class_name="bees")
    assert do("scan-project", project=scanned.folder, only_new=True)["images"] == 25
    assert read == ["new.jpg"]
    assert scanned.image("ants/photo-001.jpg").label() == "bees"
    do("scan-project", project=scanned.folder)
    assert len(read) == 26


def test_images_that_are_left_out_are_not_trained_on(scanned, do, tmp_path):
    scanned.leave_out(["ants/photo-000.jpg", "bees/photo-000.jpg"])
    trained = do("train-project", project=scanned.folder, run=tmp_path / "run", recipe=CHEAP)
    assert sum(trained["images"].values()) == 22
    assert do("scan-project", project=scanned.folder)["images"] == 22
