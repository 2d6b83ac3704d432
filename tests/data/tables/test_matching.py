"""Names in a table find their images, however they are written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.data.tables.matching import ImageNames

PART = st.sampled_from(["a", "b", "Löwe", "ÄÖ", "x y", "p1", "ill", "well"])
PATHS = st.lists(
    st.tuples(st.lists(PART, max_size=3), st.integers(0, 9), st.sampled_from(["jpg", "JPG", "png"])),
    min_size=1,
    max_size=8,
    unique_by=lambda path: path[1],
).map(lambda found: ["/".join([*folder, f"Bild é {number}.{ending}"]) for folder, number, ending in found])
REWRITE = st.sampled_from(
    [
        lambda path: path,
        lambda path: path.replace("/", "\\"),
        lambda path: unicodedata.normalize("NFD", path),
        lambda path: path.rpartition("/")[2],
        lambda path: f"./{path}",
        lambda path: f"C:\\Users\\me\\{path}".replace("/", "\\"),
        lambda path: path.rpartition(".")[0],
        lambda path: path.rpartition(".")[0] + "." + path.rpartition(".")[2].swapcase(),
        lambda path: path.upper(),
        lambda path: f" {path} ",
    ]
)


@given(paths=PATHS, data=st.data())
def test_any_common_way_of_writing_finds_the_image(paths, data):
    names = ImageNames(paths)
    for path in paths:
        written = data.draw(REWRITE)(data.draw(st.sampled_from([path, unicodedata.normalize("NFD", path)])))
        assert names.find(written) == (path,)


@given(paths=st.lists(st.text(max_size=9), max_size=8), name=st.text(max_size=12))
def test_what_is_found_is_always_one_of_the_images(paths, name):
    assert set(ImageNames(paths).find(name)) <= set(paths)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("ill/p1.jpg", ("ill/p1.jpg",)),
        ("p1.jpg", ("ill/p1.jpg", "well/p1.jpg")),
        ("data/ill/p1.jpg", ("ill/p1.jpg",)),
        ("other/p1.jpg", ()),
        ("p2.JPG", ("well/p2.jpg",)),
        ("P2", ("well/p2.jpg",)),
        ("p2.png", ()),
        ("p", ()),
        ("both.jpg", ("well/both.jpg",)),
        ("BOTH.JPG", ("well/BOTH.JPG",)),
        ("Both.Jpg", ("well/both.jpg", "well/BOTH.JPG")),
        ("", ()),
        ("/", ()),
    ],
)
def test_the_closest_way_of_writing_counts_and_folders_must_agree(name, found):
    paths = ["ill/p1.jpg", "well/p1.jpg", "well/p2.jpg", "well/both.jpg", "well/BOTH.JPG"]
    assert ImageNames(paths).find(name) == found


def test_another_common_folder_is_enough_to_tell_images_apart():
    names = ImageNames(["photos/ill/p1.jpg", "photos/well/p1.jpg"])
    assert names.find("scans/well/p1.jpg") == ("photos/well/p1.jpg",)


def test_a_column_is_matched_with_all_that_did_not_fit():
    names = ImageNames(["a/1.jpg", "b/1.jpg", "b/2.jpg"])
    matches = names.match(["2.jpg", "1.jpg", "gone.jpg", "", "b/2.JPG", "gone.jpg"])
    assert matches.rows == {"b/2.jpg": [0, 4]}
    assert matches.missing == ("gone.jpg",)
    assert matches.ambiguous == {"1.jpg": ("a/1.jpg", "b/1.jpg")}
