"""Which table speaks of the images, and which column names them."""

from __future__ import annotations

import pytest

from tests.data.tables.made import PATHS, rows, table_of
from tlstudio.data.tables.image_table import find_image_table, open_image_table
from tlstudio.data.tables.matching import ImageNames

NAMES = ImageNames(PATHS)


@pytest.mark.parametrize("header", ["image", "Image", "FILE_NAME", "file path", "img", "id"])
def test_the_column_of_images_is_known_by_its_name(tmp_path, header):
    assert table_of(tmp_path, rows(f"n,{header}", "12345678").replace(".jpg,", ",")).image_column == "n"
    assert table_of(tmp_path, rows(f"{header},n", "12345678")).image_column == header


def test_any_column_is_known_by_its_entries(tmp_path):
    table = table_of(tmp_path, "nr;Aufnahme;Art\n1;a.jpg;x\n2;b.jpg;y\n3;gone.jpg;y\n")
    assert (table.image_column, table.matches.missing) == ("Aufnahme", ("gone.jpg",))


def test_a_table_without_a_header_is_read_from_its_first_row(tmp_path):
    table = table_of(tmp_path, "a.jpg,x\nb.jpg,y\n")
    assert table.values("column 2") == {"a.jpg": "x", "b.jpg": "y"}


def test_a_table_of_something_else_names_no_images(tmp_path):
    (tmp_path / "labels.csv").write_text("town,people\nUlm,126000\n", encoding="utf-8")
    assert open_image_table(tmp_path, "labels.csv", names=NAMES) is None


def test_entries_that_repeat_agree_or_contradict(tmp_path):
    table = table_of(tmp_path, "image,class\na.jpg,\na.jpg,x\nb.jpg,x\nb.jpg,y\n")
    assert table.values("class") == {"a.jpg": "x", "b.jpg": "x"}
    assert table.contradicting("class") == ["b.jpg"]
    assert table.find_column("CLASS ") == "class"
    assert table.find_column("image") is None


def find(folder, **tables: str):
    for name, text in tables.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return find_image_table(folder, sorted(tables), names=NAMES, folders={"", "deep"})


def test_labels_csv_counts_before_others_and_lies_where_the_images_are(tmp_path):
    text = "image,class\na.jpg,x\n"
    table, notes = find(tmp_path, **{"deep/Labels.CSV": text, "other.csv": text, "far/x/labels.csv": text})
    assert (table.path, notes) == ("deep/Labels.CSV", [])


def test_one_other_table_counts_and_several_are_named(tmp_path):
    towns, images = "town,people\nUlm,126000\n", "file;class\na.jpg;x\n"
    table, notes = find(tmp_path, **{"towns.csv": towns, "mine.tsv": images, "broken.csv": "\0\1,\0"})
    assert (table.path, notes) == ("mine.tsv", [])
    table, (note,) = find(tmp_path, **{"one.csv": images, "two.csv": images})
    assert table is None
    assert note.is_warning
    assert note.paths == ("one.csv", "two.csv")


@pytest.mark.parametrize("text", ["\0\1,\0", "town,people\nUlm,126000\n"])
def test_a_labels_csv_that_cannot_be_used_is_a_warning(tmp_path, text):
    table, (note,) = find(tmp_path, **{"labels.csv": text})
    assert table is None
    assert note.is_warning
    assert note.mend
