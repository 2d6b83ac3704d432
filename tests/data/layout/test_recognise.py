"""Layouts of folders, as people and publishers make them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.layout.made import CLASSES, files, grid
from tlstudio.data.layout.recognise import Layout, Meaning, recognise_layout


def classes(layout: Layout, paths: Iterable[str]) -> dict[str, str | None]:
    return {path: layout.meaning(path).class_folder for path in paths}


def test_a_folder_for_each_class_is_plain():
    paths = [*files("cat", "cat/deep", "dog"), "loose.jpg"]
    layout = recognise_layout(paths)
    assert classes(layout, paths) == {
        path: None if path == "loose.jpg" else path.split("/")[0] for path in paths
    }
    assert (layout.base, layout.division, layout.levels) == ("", {}, "plain")


SIDES = {
    **{"train": "train", "Training": "train", "Training set": "train"},
    **{"val": "validation", "Validation": "validation", "valid": "validation", "dev": "validation"},
    **{"test": "test", "TEST": "test", "Holdout": "test", "hold-out": "test"},
}


@pytest.mark.parametrize("names", [("train", "val", "test"), ("Training", "Validation", "Holdout")])
def test_a_division_around_the_classes_becomes_the_sides(names):
    paths = grid(names, CLASSES)
    layout = recognise_layout(paths)
    for path in paths:
        part, name, _ = path.split("/")
        assert (layout.meaning(path).class_folder, layout.meaning(path).side) == (name, SIDES[part])
    assert layout.divided == "around"


def test_a_division_inside_each_class_is_found_when_it_is_clear():
    paths = grid(CLASSES, ("train", "test"))
    layout = recognise_layout(paths)
    assert layout.divided == "inside"
    assert layout.meaning("glass/test/0.jpg").side == "test"
    assert layout.meaning("glass/test/0.jpg").class_folder == "glass"
    unclear = [*paths, "glass/other/1.jpg"]
    assert not recognise_layout(unclear).division


@pytest.mark.parametrize(
    ("paths", "example", "expected"),
    [
        (grid("s", ("train", "test"), ("images",), CLASSES), "s/test/images/glass/0.jpg", ("glass", "test")),
        (grid(("seg_train",), ("seg_train",), CLASSES) + grid(("seg_test",), ("seg_test",), CLASSES)
         + files("seg_pred/seg_pred"), "seg_test/seg_test/metal/0.jpg", ("metal", "test")),
        (grid(("train",), CLASSES) + files("val/glass"), "val/glass/0.jpg", ("glass", "validation")),
        (grid(("train",), CLASSES) + files("test"), "test/0.jpg", (None, "test")),
        (grid(("train",), CLASSES) + files("test/test"), "test/test/0.jpg", (None, "test")),
        (grid(("train", "test"), ("images",)), "train/images/0.jpg", (None, "train")),
        (files("train", "test"), "test/0.jpg", (None, "test")),
        (grid(("train", "valid"), CLASSES) + files("extra"), "extra/0.jpg", (None, None)),
    ],
)  # fmt: skip
def test_divisions_of_published_sets(paths, example, expected):
    meaning = recognise_layout(paths).meaning(example)
    assert (meaning.class_folder, meaning.side) == expected


def test_places_around_a_division_are_no_classes():
    paths = grid(("stain1", "stain2"), ("train", "test"), CLASSES)
    layout = recognise_layout(paths)
    meaning = layout.meaning("stain2/test/metal/0.jpg")
    assert (meaning.class_folder, meaning.side, layout.levels) == ("metal", "test", "places")
    assert layout.outer == ("stain1", "stain2")


def test_a_class_called_train_beside_others_stays_a_class():
    paths = files("train", "car", "bus")
    assert classes(recognise_layout(paths), paths) == {path: path.split("/")[0] for path in paths}
    both = files("train", "test", "car")  # no classes inside that would show what they are
    assert not recognise_layout(both).division


def test_places_hold_the_classes():
    paths = grid(("siteA", "siteB"), CLASSES)
    layout = recognise_layout(paths)
    assert classes(layout, paths) == {path: path.split("/")[1] for path in paths}
    assert (layout.outer, layout.inner) == (("siteA", "siteB"), CLASSES)


def test_places_inside_a_division_are_no_classes_either():
    layout = recognise_layout(grid(("train", "test"), ("siteA", "siteB"), CLASSES))
    meaning = layout.meaning("test/siteB/glass/0.jpg")
    assert (meaning.class_folder, meaning.side, layout.levels) == ("glass", "test", "places")


def test_a_taxonomy_keeps_its_top_folders_and_can_be_read_from_below():
    paths = [*grid(("solid",), ("glass", "metal")), *grid(("sheet",), ("cardboard", "paper"))]
    assert set(classes(recognise_layout(paths), paths).values()) == {"solid", "sheet"}
    deepest = recognise_layout(paths, choice="deepest")
    assert set(classes(deepest, paths).values()) == {"glass", "metal", "cardboard", "paper"}


def test_nothing_is_recognised_where_the_person_wants_the_top_folders():
    paths = grid(("train", "val", "test"), CLASSES)
    layout = recognise_layout(paths, choice="top")
    assert set(classes(layout, paths).values()) == {"train", "val", "test"}
    assert not any(layout.meaning(path).side for path in paths)


def test_empty_class_folders_are_found_where_classes_lie():
    paths = grid(("set",), ("train", "test"), ("ants", "bees"))
    layout = recognise_layout(paths)
    folders = ["set", "set/train", "set/train/wasps", "set/test/flies", "docs", "set/train/ants/deep"]
    assert layout.class_folders(folders) == {"ants", "bees", "wasps", "flies"}


NAMES = st.lists(
    st.sampled_from(["ants", "bees", "Löwe", unicodedata.normalize("NFD", "Bär"), "健康", "a b", "x.y"]),
    min_size=2,
    max_size=5,
    unique=True,
)
WRAPPERS = st.lists(st.sampled_from(["photos_v2", "2024", "my data", "train"]), max_size=3)
DIVISION = st.lists(
    st.sampled_from([("train",), ("Training set",), ("valid",), ("dev",), ("TEST",), ("hold-out",)]),
    min_size=2,
    max_size=3,
    unique_by=lambda name: SIDES[name[0]],
)


@given(wrappers=WRAPPERS, division=st.one_of(st.just([]), DIVISION), names=NAMES, loose=st.booleans())
def test_wrappers_and_divisions_around_the_classes_never_change_them(wrappers, division, names, loose):
    parts = [name for (name,) in division] or [""]
    paths = [
        "/".join([*wrappers, *([part] if part else []), name, f"{number}.jpg"])
        for part in parts
        for name in names
        for number in range(2)
    ]
    layout = recognise_layout([*paths, "/".join([*wrappers, "overview.jpg"])] if loose else paths)
    for path in paths:
        above = path.split("/")
        assert layout.meaning(path).class_folder == above[-2]
        assert layout.meaning(path).side == (SIDES[above[-3]] if division else None)


@given(
    st.lists(
        st.lists(st.sampled_from(["train", "test", "a", "b", "siteA", "siteB", "2023"]), max_size=4),
        min_size=1,
        max_size=12,
    )
)
def test_every_folder_has_a_meaning_and_its_class_is_a_folder_above_it(folders):
    paths = ["/".join([*folder, "1.jpg"]) for folder in folders]
    for choice in ("auto", "top", "deepest"):
        layout = recognise_layout(paths, choice=choice)
        for path, folder in zip(paths, folders, strict=True):
            name = layout.meaning(path).class_folder
            assert name is None or name in folder


def test_folders_give_no_classes_when_none_are_wanted():
    paths = ["train/ants/a.jpg", "test/bees/b.jpg", "c.jpg"]
    layout = recognise_layout(paths, choice="none")
    assert {layout.meaning(path) for path in paths} == {Meaning()}
    assert layout.class_folders(["train", "train/ants"]) == set()
