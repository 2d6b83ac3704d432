"""What each image has of something that must not count."""

from __future__ import annotations

import pytest

from tests.data.tables.made import table_of
from tlstudio.core.errors import UserError
from tlstudio.data.tables.values_to_ignore import values_to_ignore

PATHS = tuple(f"{name}/cam{number % 2}_{number}.jpg" for name in ("ant", "bee") for number in range(4))


def test_images_that_are_learned_from_get_their_value():
    found = values_to_ignore("cam[0-9]", paths=PATHS, learned=PATHS[:4], table=None)
    assert found == dict(zip(PATHS[:4], ["cam0", "cam1"] * 2, strict=True))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("ant", "says nothing about 4 of 8 images, such as bee"),
        ("jpg", "is the same for all images"),
        (".*", "is different for almost every image"),
        ("(", "is no column of a table beside the images"),
        ("gone", "is not found in the names of the images either"),
    ],
)
def test_what_does_not_fit_is_refused_in_plain_words(rule, words):
    with pytest.raises(UserError, match=words) as caught:
        values_to_ignore(rule, paths=PATHS, learned=PATHS, table=None)
    assert caught.value.mend
    assert "expression" not in str(caught.value)


def test_a_column_that_speaks_of_other_images_only_is_refused(tmp_path):
    table = table_of(tmp_path, "image,camera\nant/cam0_0.jpg,Canon\n", PATHS)
    with pytest.raises(UserError, match="is no column"):
        values_to_ignore("lens", paths=PATHS, learned=PATHS, table=table)
    with pytest.raises(UserError, match="says nothing about 3 of 4 images"):
        values_to_ignore("camera", paths=PATHS, learned=PATHS[:4], table=table)
