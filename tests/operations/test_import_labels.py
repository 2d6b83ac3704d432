"""Labels from a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operations.tables import truth, write
from tlstudio.core.errors import UserError


def test_a_table_with_faults_changes_nothing_and_says_why(unlabelled: Path, do, tmp_path: Path):
    rows = truth(unlabelled)
    (path, _), *_ = rows
    for name, content, words in (
        ("twice", [("image", "label"), (path, "ants"), (path, "bees")], "more than one label"),
        ("others", [("image", "label"), ("nothing.jpg", "ants")], "names no image"),
        ("empty", [], "no table|is empty|names no image"),
        ("unclear", [("image", "x", "y"), *((one, f"{one}1", "b") for one, _ in rows)], "not clear which"),
    ):
        table = write(tmp_path / f"{name}.csv", content)
        with pytest.raises(UserError, match=words):
            do("import-labels", project=unlabelled, table=table)
    with pytest.raises(UserError, match="no file"):
        do("import-labels", project=unlabelled, table=tmp_path / "absent.csv")
    assert do("label-status", project=unlabelled)["labelled"] == 0


def test_rows_of_other_images_are_named_and_the_rest_is_read(unlabelled: Path, do, tmp_path: Path):
    rows = [("image", "label"), *truth(unlabelled)[:3], ("gone.jpg", "ants")]
    found = do("import-labels", project=unlabelled, table=write(tmp_path / "some.csv", rows))
    assert found == {"labelled": 3, "not_found": ["gone.jpg"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('image,label\n{},"x\n{},y\n', "never closed"),
        ("image,label,label\n{},x,y\n{},x,y\n", "Several columns"),
    ],
)
def test_a_table_that_can_be_read_in_two_ways_is_refused(unlabelled: Path, do, tmp_path: Path, text, words):
    (one, _), (two, _), *_ = truth(unlabelled)
    table = tmp_path / "two-ways.csv"
    table.write_text(text.format(one, two), encoding="utf-8")
    with pytest.raises(UserError, match=words):
        do("import-labels", project=unlabelled, table=table)
    assert do("label-status", project=unlabelled)["labelled"] == 0
