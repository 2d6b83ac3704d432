"""Groups from a table or a pattern."""

from __future__ import annotations

import re

import pytest

from tests.data.tables.made import table_of
from tlstudio.core import patterns
from tlstudio.core.errors import UserError
from tlstudio.data.tables.groups import find_grouping, refuse_unfit

PATHS = ("a/p1_x.jpg", "a/p1_y.jpg", "b/p2_x.jpg", "b/other.jpg")


def groups(tmp_path, rule: str, text: str | None = None) -> list[str | None]:
    table = table_of(tmp_path, text, PATHS) if text is not None else None
    grouping = find_grouping(PATHS, groups=rule, table=table)
    assert set(grouping.without) == set(PATHS) - set(grouping.of_path)
    return [grouping.of_path.get(path) for path in PATHS]


def test_a_column_gives_the_groups_by_any_way_of_writing_a_name(tmp_path):
    text = "image,Patient\na/p1_x.JPG,Ann\np1_y.jpg,\nb\\p2_x.jpg,Bob\n"
    assert groups(tmp_path, "patient", text) == ["Ann", None, "Bob", None]


def test_a_pattern_gives_its_first_group_or_the_whole_match(tmp_path):
    assert groups(tmp_path, r"p([0-9])_") == ["1", "1", "2", None]
    assert groups(tmp_path, r"p[0-9]") == ["p1", "p1", "p2", None]


def test_a_pattern_works_beside_a_table(tmp_path):
    assert groups(tmp_path, r"^([ab])/", "image,patient\na/p1_x.jpg,Ann\n") == ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("image,patient\na/p1_x.jpg,Ann\n", "plant", "columns of labels.csv: image, patient"),
        ("image,patient\nelsewhere.jpg,Ann\n", "patient", "fits no image"),
        ("image,patient\na/p1_x.jpg,Ann\n", "(", "neither a column"),
        (None, "nothing-like-this", "fits no image"),
        (None, "[", r"there is no table here .* a bracket “\[” is never closed, at character 1\.$"),
        (None, "a)", "a bracket “\\)” was never opened, at character 2"),
        (None, "(?P<", "it breaks the rules of regular expressions"),
    ],
)
def test_groups_that_fit_nothing_are_refused(tmp_path, text, rule, words):
    with pytest.raises(UserError) as caught:
        groups(tmp_path, rule, text)
    assert re.search(words, caught.value.what)
    assert caught.value.mend


def test_a_pattern_that_would_take_forever_is_refused(monkeypatch):
    monkeypatch.setattr(patterns, "LIMIT_SECONDS", 0.5)
    with pytest.raises(UserError, match="takes too long") as caught:
        find_grouping([f"{'a' * 40}.jpg"], groups="(a+)+$", table=None)
    assert "fewer signs of repetition" in caught.value.mend


def test_groups_that_leave_images_out_are_refused_unless_that_is_wanted():
    grouping = find_grouping(PATHS, groups="p[0-9]", table=None)
    with pytest.raises(UserError, match=r"only 3 of 4 images a group; without one: b/other.jpg") as caught:
        refuse_unfit(grouping, partial=False)
    assert "allow images without a group" in caught.value.mend
    refuse_unfit(grouping, partial=True)


def test_one_group_for_all_is_named_as_the_cause():
    grouping = find_grouping(PATHS, groups="jpg", table=None)
    assert "cannot be divided" in grouping.describe()
    with pytest.raises(UserError, match="all 4 images into one group"):
        refuse_unfit(grouping, partial=True)


def test_a_group_for_each_image_is_named_as_without_effect():
    grouping = find_grouping(PATHS, groups=".+", table=None)
    assert grouping.are_single
    assert "keep nothing together" in grouping.describe()
    refuse_unfit(grouping, partial=False)  # with one image of each patient that is how it is


def test_sound_groups_are_described_with_their_numbers():
    grouping = find_grouping(PATHS[:3], groups="p[0-9]", table=None)
    assert grouping.describe() == "The pattern for groups puts all 3 images into 2 groups: p1 and p2."
    assert grouping.sizes == [("p1", 2), ("p2", 1)]
