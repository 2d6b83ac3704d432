"""Two levels of folders: which of them are classes."""

from __future__ import annotations

import pytest

from tlstudio.data.layout.places import judge_levels

WASTE = ("cardboard", "glass", "metal")


@pytest.mark.parametrize(
    ("outer", "inner", "levels"),
    [
        (("siteA", "siteB"), WASTE, "places"),
        (("plot 1", "plot 2", "plot 10"), WASTE, "places"),
        (("2023-05-01", "2023-06-02"), WASTE, "places"),
        (("Hofgut", "Steinach"), ("healthy", "rust"), "places"),
        (("patient_07", "patient_12"), ("benign", "malignant"), "places"),
        (("cat", "dog"), ("2023", "2024"), "classes-with-places"),
        (("benign", "malignant"), ("40X", "100X", "200X"), "classes-with-places"),
        (("cat", "dog"), ("camera1", "camera2"), "classes-with-places"),
        (("cat", "car"), ("day", "night"), "classes-with-places"),
        (("writer1", "writer2"), tuple("0123456789"), "places"),
        (("grade 1", "grade 2"), ("left", "right"), "classes-with-places"),
    ],
)
def test_names_decide_which_level_is_the_class(outer, inner, levels):
    assert judge_levels(dict.fromkeys(outer, inner), loose=0, images=100) == levels


def test_folders_that_differ_from_class_to_class_are_a_taxonomy():
    order = {"solid": ("glass", "metal"), "sheet": ("cardboard", "paper")}
    assert judge_levels(order, loose=0, images=100) == "taxonomy"
    assert judge_levels({"cat": ("2023", "2024"), "dog": ("2024",)}, loose=0, images=100) == "taxonomy"


def test_not_every_place_needs_every_class():
    seen = {f"site{n}": ("ants", "bees") if n % 3 else ("ants",) for n in range(9)}
    assert judge_levels(seen, loose=0, images=100) == "places"


@pytest.mark.parametrize(
    ("inner", "loose"),
    [
        ({"cat": (), "dog": ()}, 0),
        ({"cat": ("old",), "dog": ()}, 0),
        ({"cat": ("images",), "dog": ("images",)}, 0),
        ({"cat": ("a", "b"), "dog": ("a", "b")}, 20),
        ({"cat": ("a", "b")}, 0),
        ({}, 0),
    ],
)
def test_anything_else_is_plain(inner, loose):
    assert judge_levels(inner, loose=loose, images=100) == "plain"
