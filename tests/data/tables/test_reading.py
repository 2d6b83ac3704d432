"""Tables as programs of all countries write them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.errors import UserError
from tlstudio.core.tables import TableError
from tlstudio.data.tables.reading import decode_text, parse_table, read_table

FIELD = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\x00"), min_size=1, max_size=12
).map(str.strip)


@given(
    rows=st.lists(st.tuples(FIELD, FIELD), max_size=8),
    separator=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
)
def test_every_common_way_of_writing_gives_the_same_table(rows, separator, end, encoding):
    out = io.StringIO(newline="")
    for row in [("image", "class"), *rows]:
        out.write(separator.join(f'"{field.replace(chr(34), chr(34) * 2)}"' for field in row) + end)
    table = parse_table(decode_text(out.getvalue().encode(encoding)), name="t.csv")
    assert table.columns == ("image", "class")
    assert table.rows == tuple(row for row in rows if any(row))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_an_old_table_of_a_spreadsheet_is_read(encoding):
    table = parse_table(decode_text("image;class\nLöwe.jpg;Großkatze\n".encode(encoding)), name="t")
    assert table.rows == (("Löwe.jpg", "Großkatze"),)


def test_a_decimal_comma_does_not_mislead():
    table = parse_table("image;age;class\na.jpg;0,5;x\nb.jpg;1,5;y\n", name="t")
    assert table.columns == ("image", "age", "class")
    assert table.values("age") == ["0,5", "1,5"]


def test_the_line_with_which_spreadsheets_name_the_separator_is_obeyed():
    assert parse_table('"sep=;"\nimage;class\na,b.jpg;x\n', name="t").rows == (("a,b.jpg", "x"),)
    assert parse_table("sep=,\r\nimage,class\r\na.jpg,x\r\n", name="t").rows == (("a.jpg", "x"),)


def test_ragged_rows_unnamed_and_repeated_columns_are_taken_as_far_as_they_go():
    table = parse_table(",image, class ,class\n0, a.jpg ,x,y\n1,b.jpg\n\n,,\n", name="t")
    assert table.columns == ("image", "class")
    assert table.rows == (("a.jpg", "x"), ("b.jpg", ""))
    assert table.repeated == ("class",)


def test_one_column_is_a_table_too_and_nothing_is_an_empty_one():
    assert parse_table("image\na.jpg\n", name="t").rows == (("a.jpg",),)
    assert parse_table("", name="t").columns == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("first", "line"), [("", 3), ("sep=,\n", 4)])
def test_a_quotation_mark_that_is_never_closed_is_found(first, line, end):
    text = end.join(['image,"class"', '"a.jpg",x', 'b.jpg,"x', "c.jpg,y", ""])
    table = parse_table(first + text, name="t")
    assert table.unclosed_line == line
    assert table.rows[0] == ("a.jpg", "x")
    assert len(table.rows) == 2
    assert table.rows[1][1].startswith("x")


def test_quotation_marks_that_are_closed_or_inside_of_a_field_are_in_order():
    text = 'image,class\n"a.jpg","say ""x"""\nb.jpg,5" nail\n"c.jpg","two\nlines"'
    table = parse_table(text, name="t")
    assert table.unclosed_line is None
    assert table.values("class") == ['say "x"', '5" nail', "two\nlines"]


def test_a_header_whose_quotation_mark_is_never_closed_is_no_table():
    with pytest.raises(TableError, match="quotation mark in line 1 is never closed"):
        parse_table('image,"class\na.jpg,x\n', name="t")


@pytest.mark.parametrize("data", [b"image,x\n\0\1\2", b"\xff\xfea"], ids=["zeros", "cut"])
def test_what_is_no_table_is_one_sentence(tmp_path, data):
    file = tmp_path / "labels.csv"
    file.write_bytes(data)
    with pytest.raises(UserError, match="cannot be read as a table") as caught:
        read_table(file)
    assert caught.value.mend


def test_a_missing_table_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="not there"):
        read_table(tmp_path / "labels.csv")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_one_error(data):
    try:
        table = parse_table(decode_text(data), name="t")
    except TableError:
        return
    assert all(len(row) == len(table.columns) for row in table.rows)
