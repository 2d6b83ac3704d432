"""What is said about a layout."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.data.layout.made import CLASSES, files, grid
from tlstudio.core.dataset import Image
from tlstudio.data.layout.notes import layout_notes
from tlstudio.data.layout.recognise import recognise_layout


def notes(paths, choice="auto"):
    layout = recognise_layout(paths, choice=choice)
    images = [Image(path=path, sha256=path) for path in paths]
    images = [replace(image, given_split=layout.meaning(image.path).side) for image in images]
    return layout_notes(layout, images, choice=choice)


def test_a_plain_layout_needs_no_word():
    assert notes(files("cat", "dog", "cat/deep")) == []
    assert notes(files("")) == []


def test_a_division_is_named_with_its_numbers_and_what_is_missing():
    (note,) = notes([*grid(("train", "test"), CLASSES), *files("extra")])
    assert note.code == "division"
    assert "train and test" in note.message
    assert "9 for training and 9 for testing" in note.message
    assert "Nothing is given for checking" in note.message
    assert "Images in extra" in note.message
    assert note.choices == ("deepest", "top")
    assert "Each folder is a class" in note.mend


def test_places_come_with_the_pattern_that_keeps_each_on_one_side():
    paths = grid(("set",), ("siteA", "siteB"), CLASSES)
    places, wrapper = notes(paths)
    assert "siteA and siteB" in places.message
    assert "cardboard, glass and metal" in places.message
    assert {re.search(places.groups, path)[1] for path in paths} == {"siteA", "siteB"}
    assert "set" in wrapper.message


def test_the_pattern_of_inner_places_fits_too():
    paths = grid(("cat", "dog"), ("2023", "2024"))
    (note,) = notes(paths)
    assert note.choices == ("deepest",)
    assert {re.search(note.groups, path)[1] for path in paths} == {"2023", "2024"}


def test_a_taxonomy_says_what_is_taken_and_how_to_have_the_other():
    (note,) = notes([*grid(("solid",), ("glass", "metal")), *grid(("sheet",), ("cardboard", "paper"))])
    assert "sheet and solid are taken as the classes" in note.message
    assert "cardboard, glass, metal and paper" in note.message
    assert "Innermost folders" in note.mend


@pytest.mark.parametrize("choice", ["top", "deepest"])
def test_a_choice_of_the_person_can_be_taken_back(choice):
    (note,) = notes(grid(("train", "test"), CLASSES), choice=choice)
    assert note.choices == ("auto",)
    assert "as you chose" in note.message


def test_top_folders_that_are_simply_classes_need_no_word():
    assert notes(files("cat", "dog"), choice="top") == []
