"""Units and targets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.dataset import Image, labels_of
from tlstudio.data.placing import related_units, side_sizes


def image(path: str, sha256: str, group: str | None = None) -> Image:
    return Image(path=path, sha256=sha256, labels=labels_of("c"), group=group)


def test_indirectly_related_images_form_one_unit():
    units = related_units(
        [image("a", "1"), image("b", "1", "g"), image("c", "2", "g"), image("d", "3"), image("e", "2")]
    )
    assert [unit.paths for unit in units] == [("a", "b", "c", "e"), ("d",)]
    assert units[0].counts == {"c": 4}


def test_a_group_named_like_a_content_hash_is_not_confused_with_it():
    assert len(related_units([image("a", "1"), image("b", "2", "1")])) == 2


@pytest.mark.parametrize(
    ("images", "expected"),
    [(1, (1, 0, 0)), (2, (2, 0, 0)), (3, (2, 1, 0)), (4, (2, 1, 1)), (10, (6, 2, 2)), (60, (42, 9, 9))],
)
def test_sizes_at_the_usual_fractions(images, expected):
    sizes = side_sizes(images, images, validation=0.15, test=0.15)
    assert (sizes["train"], sizes["validation"], sizes["test"]) == expected


@given(
    images=st.integers(1, 500),
    validation=st.sampled_from([0.0, 0.1, 0.15, 0.3, 0.49]),
    test=st.sampled_from([0.0, 0.1, 0.2, 0.49]),
)
def test_sizes_add_up_and_training_keeps_one(images, validation, test):
    sizes = side_sizes(images, images, validation=validation, test=test)
    assert sum(sizes.values()) == images
    assert sizes["train"] >= 1
    for side, fraction in (("validation", validation), ("test", test)):
        assert abs(sizes[side] - images * fraction) <= 1
        assert sizes[side] == 0 or fraction > 0
