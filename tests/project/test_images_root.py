"""The images of a run are found where it says, where they were, or where the person says."""

import json

import pytest

from tlstudio.core.errors import UserError
from tlstudio.project.images_root import find_images_root, images_are_gone
from tlstudio.project.runs import RunFolder
from tlstudio.specs.recipe import Recipe

PATHS = ("ants/1.jpg", "bees/2.jpg")


def images(folder):
    for path in PATHS:
        (folder / path).parent.mkdir(parents=True)
        (folder / path).touch()
    return folder


@pytest.fixture
def run(tmp_path):
    (tmp_path / "a" / "run").mkdir(parents=True)
    return RunFolder(tmp_path / "a" / "run")


def find(run, root, given=None):
    return find_images_root(run, Recipe(images_root=root), paths=PATHS, given=given)


def test_a_relative_place_is_seen_from_the_run(run, tmp_path):
    photos = images(tmp_path / "a" / "photos")
    assert find(run, "../photos") == photos
    assert find(run, str(photos)) == photos


def test_the_place_where_they_were_is_tried_when_only_the_run_was_moved(run, tmp_path):
    photos = images(tmp_path / "b" / "photos")
    assert find(run, "../photos") is None
    run.environment.write_text(json.dumps({"images": str(photos)}))
    assert find(run, "../photos") == photos
    (tmp_path / "a" / "photos").mkdir()  # another folder of that name, without the images
    assert find(run, "../photos") == photos


def test_any_folder_counts_where_there_are_no_images_to_look_for(run, tmp_path):
    (tmp_path / "a" / "photos").mkdir()
    recipe = Recipe(images_root="../photos")
    assert find_images_root(run, recipe, paths=()) == tmp_path / "a" / "photos"
    assert find_images_root(run, Recipe(images_root="../other"), paths=()) is None


def test_the_person_can_say_where_they_are(run, tmp_path):
    photos = images(tmp_path / "c" / "photos")
    assert find(run, None, given=photos) == photos
    with pytest.raises(UserError, match="None of the images") as caught:
        find(run, None, given=tmp_path)
    assert "a folder for each class" in caught.value.mend


@pytest.mark.parametrize("content", ["", "[]", '{"images": 3}', '{"images": "/nowhere"}'])
def test_a_damaged_record_is_passed_over(run, content):
    run.environment.write_text(content)
    recipe = Recipe(images_root="../photos")
    assert find(run, "../photos") is None
    assert str(run.path.parent / "photos") in images_are_gone(run, recipe)


def test_a_run_without_a_record_says_so(run):
    assert "a known place" in images_are_gone(run, Recipe())
