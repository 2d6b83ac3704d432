"""Classes and sides from a table, beside folders or instead of them."""

from __future__ import annotations

from tests.data.tables.made import PATHS, rows, table_of
from tlstudio.data.tables.table_labels import MOST_NAMED, faults_of_table, labels_from_table, unmatched_rows


def codes(says) -> list[str]:
    return [note.code for note in says.notes]


def test_loose_images_get_the_classes_of_the_table(tmp_path):
    table = table_of(tmp_path, rows("image,class,split", "xxxxyyyy", ["train", "test"] * 4))
    says = labels_from_table(table, paths=PATHS, folder_labels={})
    assert says.replaces_folders
    assert says.labels["a.jpg"] == "x"
    assert says.sides["b.jpg"] == "test"
    taken, divided = says.notes
    assert "8 of 8 images" in taken.message
    assert "4 train and 4 test" in divided.message


def test_a_division_counts_also_where_folders_are_the_classes(tmp_path):
    folders = {path: "one" if path < "e" else "two" for path in PATHS}
    table = table_of(tmp_path, rows("image,split", ["train", "test"] * 4))
    says = labels_from_table(table, paths=PATHS, folder_labels=folders)
    assert (says.labels, says.sides["b.jpg"], codes(says)) == ({}, "test", ["table-division"])


def test_rows_and_files_without_a_partner_are_counted_and_named(tmp_path):
    text = "image,class\na.jpg,x\nb.jpg,y\ngone.jpg,x\nlost.jpg,y\nc.jpg,x\nc.jpg,y\n"
    says = labels_from_table(table_of(tmp_path, text), paths=PATHS, folder_labels={})
    notes = {note.code: note for note in says.notes}
    assert notes["rows-without-file"].paths == ("gone.jpg", "lost.jpg")
    assert notes["rows-without-file"].message.startswith("2 names in labels.csv fit no usable image")
    assert notes["files-without-row"].paths == ("d.jpg", "e.jpg", "f.jpg", "g.jpg", "h.jpg")
    assert notes["contradicting-rows"].paths == ("c.jpg",)
    assert all(note.is_warning and note.mend for code, note in notes.items() if code != "table")


def test_an_ambiguous_name_is_named(tmp_path):
    paths = ("a/1.jpg", "b/1.jpg", "b/2.jpg")
    (note,) = unmatched_rows(table_of(tmp_path, "image,p\n1.jpg,x\n2.jpg,x\n", paths))
    assert (note.code, note.paths) == ("ambiguous-rows", ("1.jpg",))


def test_of_very_many_names_the_first_are_listed(tmp_path):
    lost = "".join(f"lost{number}.jpg,x\n" for number in range(200))
    (note,) = unmatched_rows(table_of(tmp_path, f"image,class\na.jpg,x\n{lost}"))
    assert len(note.paths) == MOST_NAMED
    assert note.message.startswith("200 names")


def test_folders_that_are_classes_stay_and_the_table_adds_to_them(tmp_path):
    folders = {path: "one" if path < "c" else "two" for path in PATHS[:4]}
    table = table_of(tmp_path, rows("image,class", ["one"] * 3 + ["two"] * 5))
    says = labels_from_table(table, paths=PATHS, folder_labels=folders)
    assert not says.replaces_folders
    assert says.labels == {"e.jpg": "two", "f.jpg": "two", "g.jpg": "two", "h.jpg": "two"}
    assert codes(says) == ["table-and-folder-differ", "table"]
    assert says.notes[0].paths == ("c.jpg",)


def test_a_column_that_was_not_surely_meant_changes_no_folder(tmp_path):
    folders = {path: "one" if path < "e" else "two" for path in PATHS}
    says = labels_from_table(
        table_of(tmp_path, rows("image,patient", "11223344")), paths=PATHS, folder_labels=folders
    )
    assert (says.labels, says.notes) == ({}, ())


def test_a_table_outweighs_folders_in_which_its_classes_lie_mixed(tmp_path):
    folders = {path: "camera 1" if path < "e" else "camera 2" for path in PATHS}
    table = table_of(tmp_path, rows("image,species", ["ant", "bee"] * 4))
    says = labels_from_table(table, paths=PATHS, folder_labels=folders)
    assert says.replaces_folders
    assert set(says.labels.values()) == {"ant", "bee"}
    one_to_one = table_of(tmp_path, rows("image,species", ["ant"] * 4 + ["bee"] * 4))
    assert not labels_from_table(one_to_one, paths=PATHS, folder_labels=folders).replaces_folders


def test_a_column_that_is_asked_for_counts_before_the_folders(tmp_path):
    folders = {path: "one" if path < "e" else "two" for path in PATHS}
    table = table_of(tmp_path, rows("image,wearer", "kkaakkaa"))
    says = labels_from_table(table, paths=PATHS, folder_labels=folders, column="wearer")
    assert says.replaces_folders
    assert set(says.labels.values()) == {"k", "a"}


def test_a_table_without_a_clear_column_says_so(tmp_path):
    table = table_of(tmp_path, rows("image,sex,age", "mfmfmfmf", "12341234"))
    (note,) = labels_from_table(table, paths=PATHS, folder_labels={}).notes
    assert note.code == "which-column"
    assert "sex and age" in note.message
    assert "call that column" in note.mend


def test_a_table_with_one_column_only_says_so(tmp_path):
    table = table_of(tmp_path, "\n".join(["image", *PATHS]))
    (note,) = labels_from_table(table, paths=PATHS, folder_labels={}).notes
    assert "only one column" in note.message
    assert note.mend.startswith("Add a column “label”")


def test_what_is_wrong_with_the_table_itself_is_said(tmp_path):
    table = table_of(tmp_path, 'image,class,class\na.jpg,x,y\nb.jpg,"y,x\nc.jpg,x,y\n')
    repeated, unclosed = faults_of_table(table)
    assert repeated.message == "Several columns of labels.csv are called “class”; the first of them is used."
    assert unclosed.message.startswith("A quotation mark in line 3 of labels.csv is never closed")
    assert labels_from_table(table, paths=PATHS, folder_labels={}).labels["a.jpg"] == "x"
    assert faults_of_table(table_of(tmp_path, "image,class\na.jpg,x\n")) == []
