"""Classes, sides and groups of images, by folders and tables together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.layout.made import CLASSES, grid
from tlstudio.core.dataset import Image
from tlstudio.core.errors import UserError
from tlstudio.data.layout.interpret import HowToRead, Interpreted, interpret
from tlstudio.data.walk import Found


def read(root: Path, paths: list[str], *, how: HowToRead | None = None, **tables: str) -> Interpreted:
    """Interpret images that need not be there, with tables that are."""
    for name, text in tables.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    images = [Image(path=path, sha256=path) for path in sorted(paths)]
    parts = {path.rpartition("/")[0] for path in paths} - {""}
    found = Found(files=(*paths, *tables), problems=(), folders=tuple(sorted(parts)), hidden_files=0)
    return interpret(root, images, found=found, how=how or HowToRead())


def codes(value: Interpreted) -> list[str]:
    return [note.code for note in value.notes]


def test_a_folder_for_each_class_is_taken_without_a_word(tmp_path):
    value = read(tmp_path, grid(CLASSES))
    assert (value.classes, value.notes, value.tables) == (list(CLASSES), [], ())


def test_a_division_gives_classes_and_sides(tmp_path):
    value = read(tmp_path, grid(("train", "val", "test"), CLASSES))
    assert value.classes == list(CLASSES)
    assert {(image.path.split("/")[0], image.given_split) for image in value.images} == {
        ("train", "train"),
        ("val", "validation"),
        ("test", "test"),
    }
    assert codes(value) == ["division"]


def test_a_table_beside_flat_images_in_a_folder_gives_the_classes(tmp_path):
    paths = [f"images/{number}.jpg" for number in range(6)]
    text = "id,species\n" + "".join(f"{number},{'ant' if number < 3 else 'bee'}\n" for number in range(6))
    value = read(tmp_path, paths, **{"labels.csv": text})
    assert value.classes == ["ant", "bee"]
    assert value.empty_classes == []
    assert value.tables == ("labels.csv",)


def test_a_table_inside_the_folder_that_wraps_the_images_counts_too(tmp_path):
    paths = [f"set/{part}/{number}.jpg" for part in ("train", "test") for number in range(4)]
    text = "file;class\n" + "".join(f"{path};{'ab'[number % 2]}\n" for number, path in enumerate(paths))
    value = read(tmp_path, paths, **{"set/list.csv": text})
    assert value.classes == ["a", "b"]
    assert {image.given_split for image in value.images} == {"train", "test"}
    assert codes(value) == ["division", "table"]


def test_with_the_top_folders_wanted_a_table_only_groups(tmp_path):
    text = "image,class,patient\nx/0.jpg,c,P\nx/1.jpg,c,P\nx/2.jpg,c,Q\n"
    how = HowToRead(layout="top", groups="patient", groups_partial=True)
    value = read(tmp_path, grid(("x", "y")), how=how, **{"labels.csv": text})
    assert value.classes == ["x", "y"]
    assert [image.group for image in value.images] == ["P", "P", "Q", None, None, None]


def test_a_column_called_group_is_obeyed_without_being_asked_for(tmp_path):
    text = "image,group\nx/0.jpg,P\nx/1.jpg,P\ny/0.jpg,Q\n"
    value = read(tmp_path, grid(("x", "y")), **{"labels.csv": text})
    assert [image.group for image in value.images] == ["P", "P", None, "Q", None, None]
    assert value.notes[0].is_warning  # three have none
    one = read(tmp_path, grid(("x", "y")), **{"labels.csv": text.replace("Q", "P")})
    assert codes(one) == ["groups"]


def test_groups_that_are_asked_for_must_fit_all_images(tmp_path):
    with pytest.raises(UserError, match="only 3 of 6 images a group"):
        read(tmp_path, grid(("x", "y")), how=HowToRead(groups="^(x)"))


def test_a_column_without_a_table_is_refused(tmp_path):
    with pytest.raises(UserError, match="no table"):
        read(tmp_path, grid(("x", "y")), how=HowToRead(label_column="species"))


def test_each_note_is_given_once(tmp_path):
    text = "image,class,group\n0.jpg,a,P\n1.jpg,b,Q\n2.jpg,b,Q\ngone.jpg,a,P\n"
    value = read(tmp_path, [f"{number}.jpg" for number in range(3)], **{"labels.csv": text})
    assert codes(value) == ["table", "rows-without-file", "groups"]


def bare_names(tmp_path, rows: str) -> Interpreted:
    """Two folders of images with the same names, beside a table with these rows."""
    paths = [f"{folder}/{number}.jpg" for folder in ("one", "two") for number in range(4)]
    return read(tmp_path, paths, **{"labels.csv": f"image,class\n{rows}"})


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("0.jpg,ant\n1.jpg,bee\n", "ambiguous-rows"),
        ("0.jpg,ant\none/1.jpg,bee\n", "ambiguous-rows"),
        ("gone.jpg,ant\n", "rows-without-file"),
        ('"one/0.jpg,ant\n"one/1.jpg,ant\n', "rows-without-file"),
        ("", "table-not-used"),
    ],
)
def test_a_table_that_gives_no_image_its_class_says_why(tmp_path, rows, code):
    value = bare_names(tmp_path, rows)
    assert value.classes == ["one", "two"]
    (note,) = value.notes
    assert (note.code, note.is_warning) == (code, True)
    assert "labels.csv" in note.message
    assert note.mend


def test_a_side_whose_images_have_no_class_is_not_called_given(tmp_path):
    value = read(tmp_path, [*grid(("train",), CLASSES), "test/1.jpg", "test/2.jpg"])
    (note,) = value.notes
    assert "(9 for training)" in note.message
    assert "Nothing is given for checking and testing" in note.message


def test_a_quotation_mark_that_is_never_closed_is_named(tmp_path):
    files = [f"{number}.jpg" for number in range(3)]
    value = read(tmp_path, files, **{"t.csv": 'image,class\n0.jpg,x\n1.jpg,y\n2.jpg,"x\n'})
    assert codes(value)[0] == "unclosed-quote"
    with pytest.raises(UserError, match=r"quotation mark in line 2 of t\.csv is never closed"):
        read(tmp_path, files, how=HowToRead(table="t.csv"), **{"t.csv": 'image,class\n"0.jpg,x\n1.jpg,y\n'})
