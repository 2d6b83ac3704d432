"""Further label columns of a table."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.tables.made import PATHS, rows, table_of
from tlstudio.core.errors import UserError
from tlstudio.data.tables.further_columns import (
    further_columns,
    label_column,
    names_of,
    offered_columns,
    text_of,
)

LABELS = dict(zip(PATHS, "xxxyyyzz", strict=True))
TEXT = rows("image,label,health,number,split", "xxxyyyzz", "gsgsgsgs", "12345678", "tttttttt")


def test_names_stand_between_commas_and_may_be_quoted():
    assert names_of(' wearer, "size, in cm" ,,age') == ("wearer", "size, in cm", "age")
    assert names_of("") == ()


@given(st.lists(st.text(alphabet="ab ,\"'\n", min_size=1), min_size=1, max_size=3))
def test_names_survive(names: list[str]):
    plain = [" ".join(name.split()) for name in names if name.strip()]
    assert list(names_of(text_of(plain))) == plain if plain else True


def test_labels_and_classes_are_those_of_the_column_in_any_capitals(tmp_path: Path):
    table = table_of(
        tmp_path, rows("image,label,Size", "xxxyyyzz", ["10", "9", "10", "9", "", "9", "10", "9"])
    )
    (column,) = further_columns(["SIZE"], table=table, labels=LABELS)
    assert (column.name, column.classes) == ("Size", ("9", "10"))
    assert len(column.labels) == 7


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["gone"], "labels.csv has no column “gone”"),
        (["image"], "has no column “image”"),
        (["health", "Health"], "“health” is named twice"),
        (["number"], "different for almost every image"),
        (["split"], "has 1 class, and two are needed"),
        (["label"], "says the same as the classes"),
    ],
)
def test_what_cannot_be_learned_is_refused(tmp_path: Path, names: list[str], words: str):
    with pytest.raises(UserError, match=words) as caught:
        further_columns(names, table=table_of(tmp_path, TEXT), labels=LABELS)
    assert caught.value.mend


def test_a_name_with_a_comma_is_said_to_need_quotes(tmp_path: Path):
    table = table_of(tmp_path, rows('image,label,"size, cm"', "xxxyyyzz", ["10", "9"] * 4))
    with pytest.raises(UserError, match=r"""quotation marks: '"size, cm"'"""):
        further_columns(names_of("size, cm"), table=table, labels=LABELS)
    (column,) = further_columns(names_of('"size, cm"'), table=table, labels=LABELS)
    assert column.classes == ("9", "10")
    with pytest.raises(UserError) as plain:
        further_columns(["gone"], table=table_of(tmp_path, TEXT), labels=LABELS)
    assert "quotation" not in plain.value.mend


def test_the_column_that_is_learned_already_asks_for_another(tmp_path: Path):
    with pytest.raises(UserError, match="says the same") as caught:
        further_columns(["label"], table=table_of(tmp_path, TEXT), labels=LABELS)
    assert caught.value.mend.startswith("Name a further column besides")


def test_a_column_for_mostly_other_images_is_not_taken_for_the_same(tmp_path: Path):
    table = table_of(tmp_path, rows("image,health", "ggssggss"))
    (column,) = further_columns(["health"], table=table, labels={"a.jpg": "x", "c.jpg": "y"})
    assert len(column.labels) == 8


def test_without_a_table_it_is_said_how_to_make_one():
    with pytest.raises(UserError, match="no table beside the images") as caught:
        further_columns(["health"], table=None, labels=LABELS)
    assert "labels.csv" in caught.value.mend
    assert offered_columns(None, labels=LABELS) == ()


def test_only_what_can_be_learned_is_offered(tmp_path: Path):
    assert [column.name for column in offered_columns(table_of(tmp_path, TEXT), labels=LABELS)] == ["health"]


def test_rows_that_contradict_each_other_give_no_label(tmp_path: Path):
    table = table_of(tmp_path, "image,health\na.jpg,g\na.jpg,s\nb.jpg,g\n")
    assert label_column(table, "health") == {"b.jpg": "g"}
