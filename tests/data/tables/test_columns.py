"""Which columns give classes, sides and groups."""

from __future__ import annotations

import pytest

from tests.data.tables.made import rows, table_of
from tlstudio.core.errors import UserError
from tlstudio.data.tables.columns import given_sides, group_column, label_source, side_column


@pytest.mark.parametrize(
    ("text", "columns", "is_named"),
    [
        (rows("image,Class", "xxxxyyyy"), ("Class",), True),
        (rows("image,label,class_name", "00001111", "xxxxyyyy"), ("class_name",), True),
        (rows("image,label,species", "00001111", "xxxxyyyy"), ("species",), True),
        (rows("image,label", "00001111"), ("label",), True),
        (rows("image,weather", "xxxxyyyy"), ("weather",), False),
        (rows("image,group,weather", "12345678", "xxxxyyyy"), ("weather",), False),
        (rows("image,rust,scab", "00001111", "11110000"), ("rust", "scab"), False),
    ],
)
def test_the_classes_are_found(tmp_path, text, columns, is_named):
    source = label_source(table_of(tmp_path, text))
    assert (source.columns, source.is_named) == (columns, is_named)


@pytest.mark.parametrize(
    "text",
    [
        rows("image,remark", "12345678"),
        rows("image,sex,weather", "mfmfmfmf", "xxxxyyyy"),
        rows("image,rust,scab", "01001111", "11110000"),
        rows("image,weather", "xxxxxxxx"),
        "image,weight\na.jpg,1.5\nb.jpg,1.5\nc.jpg,2.5\nd.jpg,2.5\n",
        "image\na.jpg\n",
    ],
)
def test_what_is_not_clear_is_not_guessed(tmp_path, text):
    assert label_source(table_of(tmp_path, text)) is None


def test_the_column_of_the_groups_gives_no_classes(tmp_path):
    assert label_source(table_of(tmp_path, rows("image,patient", "11223344")), groups="patient") is None


def test_a_column_that_is_asked_for_is_taken_or_refused(tmp_path):
    table = table_of(tmp_path, rows("image,class,Soil", "xxxxyyyy", "sssscccc"))
    assert label_source(table, column="soil").columns == ("Soil",)
    with pytest.raises(UserError, match="image, class, Soil"):
        label_source(table, column="plant")


def test_one_column_for_each_class_gives_the_column_of_the_one(tmp_path):
    table = table_of(tmp_path, rows("image,rust,scab", "00001111", "11110000"))
    labels = label_source(table).labels(table)
    assert (labels["a.jpg"], labels["h.jpg"]) == ("scab", "rust")


def test_rows_that_contradict_each_other_give_no_class(tmp_path):
    table = table_of(tmp_path, "image,class\na.jpg,x\na.jpg,y\nb.jpg,x\n")
    assert label_source(table).labels(table) == {"b.jpg": "x"}


def test_a_column_divides_the_images_when_it_names_sides_only(tmp_path):
    table = table_of(tmp_path, "image,class,Split\na.jpg,x,train\nb.jpg,x,VALID\nc.jpg,y,test\nd.jpg,y,\n")
    assert side_column(table) == "Split"
    assert given_sides(table, "Split") == {"a.jpg": "train", "b.jpg": "validation", "c.jpg": "test"}
    assert side_column(table_of(tmp_path, "image,set\na.jpg,train\nb.jpg,blue\n")) is None


def test_a_column_called_group_groups(tmp_path):
    assert group_column(table_of(tmp_path, rows("image,Group", "11223344"))) == "Group"
    assert group_column(table_of(tmp_path, rows("image,patient", "11223344"))) is None
