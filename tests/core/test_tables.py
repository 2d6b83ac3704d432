"""Tables come back as they were written, whatever their fields hold."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tlstudio
from tlstudio.core.tables import open_rows, write_rows
from tlstudio.core.types import Split
from tlstudio.data.splits import read_split, write_split

# Bytes that are no UTF-8 become such halves of surrogates in names that the system gives.
UNDECODABLE = st.binary(min_size=1, max_size=4).map(os.fsdecode)
TEXT = st.one_of(st.text(), UNDECODABLE, st.sampled_from(["", "\r", "a\rb", "\n", '"', ",", "\ufeff", " a "]))


def written(path: Path, rows: list[list[str]], *, line_end: str = "\n") -> list[list[str]]:
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        write_rows(file, rows, line_end=line_end)
    with open_rows(path) as lines:
        return list(lines)


@given(
    rows=st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=5),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_text_survives(tmp_path_factory: pytest.TempPathFactory, rows, line_end):
    path = tmp_path_factory.mktemp("tables") / "table.csv"
    header = ["path", "split"]
    assert written(path, [header, *rows], line_end=line_end) == [header, *rows]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("\ufeffpath,split\na,train\n", encoding="utf-8")
    with open_rows(path) as rows:
        assert list(rows) == [["path", "split"], ["a", "train"]]


def test_plain_fields_are_not_quoted(tmp_path):
    path = tmp_path / "table.csv"
    written(path, [["a/b.jpg", "train"], ["1,5", 'say "x"']])
    assert path.read_text() == 'a/b.jpg,train\n"1,5","say ""x"""\n'


@given(name=TEXT.filter(bool))
def test_a_split_of_images_with_any_name_is_read_back(tmp_path_factory: pytest.TempPathFactory, name):
    path = tmp_path_factory.mktemp("splits") / "split.csv"
    split = Split(assignment={name: "train"}, seed=3, validation_fraction=0.1, test_fraction=0.2)
    write_split(path, split)
    assert read_split(path) == split


def test_nothing_else_writes_tables():
    # The sample program has to do without tlstudio; tables of labels come from people, in many forms; and a
    # list of columns in one line is no table.
    package = Path(tlstudio.__file__).parent
    users = {
        source.relative_to(package).as_posix()
        for source in package.rglob("*.py")
        if re.search(r"^\s*(import csv|from csv)\b", source.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert users <= {
        "core/tables.py",
        "export/sample_program.py",
        "data/tables/reading.py",
        "data/tables/further_columns.py",
    }
    assert "writer" not in (package / "data/tables/reading.py").read_text(encoding="utf-8")


def test_a_field_may_be_longer_than_the_usual_limit_of_csv(tmp_path):
    # The notes of a split name every class that is too small.
    path = tmp_path / "table.csv"
    assert written(path, [["x" * 500_000, "y"]]) == [["x" * 500_000, "y"]]
