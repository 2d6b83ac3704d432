"""Where the project of a folder of images is, and how it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlstudio.core.errors import UserError
from tlstudio.core.files import projects_dir
from tlstudio.project.home import homes_named, project_home, project_name, rename_project
from tlstudio.project.recent import RecentProject, recent_projects, remember_project
from tlstudio.project.store import Project


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("/pictures/Wild bees", "Wild bees"),
        ("/pictures/flowers/train", "flowers"),
        ("/pictures/flowers/Dataset/Images", "flowers"),
        ("/pictures/flowers/VALIDATION", "flowers"),
        ("/pictures/training photos", "training photos"),
        ("/media/train", "train"),
        ("/images", "images"),
        ("/", "images"),
    ],
)
def test_a_project_is_named_after_the_folder_that_says_something(folder: str, name: str):
    assert project_name(Path(folder)) == name


def test_a_name_is_not_taken_from_above_the_persons_own_folder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/people/anna")
    monkeypatch.setenv("USERPROFILE", "/people/anna")
    assert project_name(Path("/people/anna/Pictures/train")) == "train"
    assert project_name(Path("/people/anna/photos")) == "photos"


def made(home: Path, images_root: Path, *, name: str) -> Path:
    Project.create(home, name=name, images_root=images_root).close()
    return home


def test_a_folder_keeps_its_project_whatever_that_is_called(tmp_path: Path):
    folder = tmp_path / "flowers" / "train"
    before = made(projects_dir() / "train", folder, name="train")
    assert project_home(folder) == before
    assert project_home(folder, name="Other") == before


def test_another_folder_gets_a_free_place(tmp_path: Path):
    first, second = (tmp_path / part / "flowers" / "train" for part in "ab")
    home = made(project_home(first), first, name="flowers")
    assert home == projects_dir() / "flowers"
    assert project_home(second) == projects_dir() / "flowers 2"
    assert project_home(second, name="Bees") == projects_dir() / "Bees"


def test_a_damaged_project_is_passed_over(tmp_path: Path):
    (projects_dir() / "flowers").mkdir(parents=True)
    (projects_dir() / "flowers" / "project.sqlite").write_bytes(
        b"no database, but long enough to be read as one"
    )
    assert project_home(tmp_path / "flowers") == projects_dir() / "flowers 2"


def test_names_of_places_are_counted_up():
    homes = homes_named("Bees")
    assert [next(homes).name for _ in range(3)] == ["Bees", "Bees 2", "Bees 3"]


def test_renaming_changes_the_project_and_the_list(tmp_path: Path):
    home = made(projects_dir() / "train", tmp_path, name="train")
    remember_project(RecentProject(name="train", folder=str(home), images=3))
    rename_project(home, name="  Flowers of May ")
    with Project(home) as project:
        assert project.name == "Flowers of May"
    assert [entry.name for entry in recent_projects()] == ["Flowers of May"]
    with pytest.raises(UserError, match="needs a name"):
        rename_project(home, name="  ")
