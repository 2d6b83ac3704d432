"""Rules for groups that are offered."""

from __future__ import annotations

import re

import pytest

from tlstudio.data.layout.table_beside import load_table
from tlstudio.gui.pages.data.group_choices import group_choices


def rules(paths, table=None, *, labels=()) -> dict[str, str]:
    return {choice.title: choice.rule for choice in group_choices(paths, table, labels=dict(labels))}


def groups(rule: str, paths) -> set[str]:
    return {re.search(rule, path)[1] for path in paths}


@pytest.mark.parametrize(
    ("paths", "title", "made"),
    [
        ([f"ill/p{n // 3}_{n}.jpg" for n in range(9)], "File name up to the first “_”", {"p0", "p1", "p2"}),
        ([f"a-b/x-{n // 3}-{n}.jpg" for n in range(6)], "File name up to the last “-”", {"x-0", "x-1"}),
        (["Ann 1.jpg", "Ann 2.jpg", "Bob 1.jpg"], "File name up to the first space", {"Ann", "Bob"}),
        ([f"s/patient{n // 2}left{n}.jpg" for n in range(4)], "Word and number at the start of the file name",
         {"patient0", "patient1"}),
        ([f"site{n % 2}/c/{n}.jpg" for n in range(6)], "The folder directly in yours", {"site0", "site1"}),
        ([f"c/site{n % 2}/{n}.jpg" for n in range(6)], "The second folder", {"site0", "site1"}),
    ],
)  # fmt: skip
def test_rules_that_find_groups_are_offered(paths, title, made):
    assert groups(rules(paths)[title], paths) == made


def test_rules_that_make_one_group_or_one_for_each_image_are_not_offered():
    assert list(rules([f"c/IMG_{n}.jpg" for n in range(9)])) == ["Nothing: each image is for itself"]


def test_folders_that_are_the_classes_are_no_groups():
    labels = {f"{name}/{n}.jpg": name for name in ("ill", "well") for n in range(4)}
    assert "The folder directly in yours" in rules(list(labels))
    assert "The folder directly in yours" not in rules(list(labels), labels=labels)


def test_columns_of_the_table_beside_the_images_are_offered(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "labels.csv").write_text("image,patient,sex\n1.jpg,Ann,f\n", encoding="utf-8")
    paths = ["set/a/1.jpg", "set/b/2.jpg"]
    table = load_table(tmp_path, paths)
    assert rules(paths, table)["Column “patient” of set/labels.csv"] == "patient"


def test_the_division_into_train_and_test_is_no_group(tmp_path):
    paths = [f"{side}/{number}.jpg" for side in ("train", "val", "test") for number in range(4)]
    (tmp_path / "labels.csv").write_text(
        "\n".join(["image,split", *(f"{path},{path.split('/')[0]}" for path in paths)]), encoding="utf-8"
    )
    assert list(rules(paths, load_table(tmp_path, paths))) == ["Nothing: each image is for itself"]
