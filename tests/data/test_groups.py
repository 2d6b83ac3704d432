"""Groups from a table or a pattern."""

from __future__ import annotations

import pytest

from tlstudio.core.dataset import Image, labels_of
from tlstudio.core.errors import UserError
from tlstudio.data.groups import find_groups

IMAGES = [
    Image(path=path, sha256=path, labels=labels_of("c"))
    for path in ("a/p1_x.jpg", "a/p1_y.jpg", "b/p2_x.jpg", "b/other.jpg")
]


def groups(tmp_path, rule: str) -> list[str | None]:
    return [image.group for image in find_groups(tmp_path, IMAGES, groups=rule)]


def table(tmp_path, text: str, encoding: str = "utf-8") -> None:
    (tmp_path / "labels.csv").write_text(text, encoding=encoding)


def test_a_column_gives_the_groups(tmp_path):
    table(tmp_path, "image,patient\na/p1_x.jpg,Ann\na/p1_y.jpg,\nb\\p2_x.jpg,Bob\n", encoding="utf-8-sig")
    assert groups(tmp_path, "patient") == ["Ann", None, "Bob", None]


def test_a_pattern_gives_its_first_group_or_the_whole_match(tmp_path):
    assert groups(tmp_path, r"p([0-9])_") == ["1", "1", "2", None]
    assert groups(tmp_path, r"p[0-9]") == ["p1", "p1", "p2", None]


def test_a_pattern_works_beside_a_table(tmp_path):
    table(tmp_path, "image,patient\na/p1_x.jpg,Ann\n")
    assert groups(tmp_path, r"^([ab])/") == ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("image,patient\na/p1_x.jpg,Ann\n", "plant", "its columns: image, patient"),
        ("image,patient\nelsewhere.jpg,Ann\n", "patient", "gives no image a group"),
        ("file,patient\na/p1_x.jpg,Ann\n", "patient", "no column 'image'"),
        ("image,patient\n", "(", "neither a column"),
        (None, "nothing-like-this", "gives no image a group"),
        (None, "[", "regular expression"),
    ],
)
def test_groups_that_fit_nothing_are_refused(tmp_path, text, rule, words):
    if text is not None:
        table(tmp_path, text)
    with pytest.raises(UserError, match=words) as caught:
        groups(tmp_path, rule)
    assert caught.value.mend


def test_a_table_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "labels.csv").write_bytes(b"image,patient\n\xff\xfe,\xe9\n")
    with pytest.raises(UserError, match="cannot be read"):
        groups(tmp_path, "patient")


def test_groups_are_found_in_a_real_table(shared_data):
    from tlstudio.data.scan import scan_folder

    report = scan_folder(shared_data / "clothes", groups="wearer")
    assert all(image.group for image in report.images)
    assert report.problems == ()
