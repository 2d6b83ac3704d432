"""Class sizes."""

from __future__ import annotations

import pytest

from tests.checks.made import dataset, examine, image, images


@pytest.mark.parametrize(
    ("sizes", "severity"),
    [({"a": 20, "b": 10}, "ok"), ({"a": 30, "b": 10}, "note"), ({"a": 100, "b": 10}, "warning")],
)
def test_severity_grows_with_the_ratio_of_the_sizes(sizes, severity):
    (found,) = examine("class-balance", dataset(*images(**sizes)))
    assert found.severity == severity
    assert found.numbers == {"smallest": sizes["b"], "largest": sizes["a"]}


@pytest.mark.parametrize("records", [[], [image("x.jpg")], images(cat=5)])
def test_fewer_than_two_classes_are_serious(records):
    (found,) = examine("class-balance", dataset(*records))
    assert found.severity == "serious"
    assert found.mend


@pytest.mark.parametrize(
    ("records", "empty", "message"),
    [
        ([image("x.jpg")], (), "No image has a class yet."),
        ([image("x.jpg")], ("glass", "metal"), "No image has a class yet."),
        (images(cat=5), ("glass",), "Only one class has images: cat."),
        (images(cat=5), (), "There is only one class, cat."),
    ],
)
def test_classes_without_images_are_not_overlooked(records, empty, message):
    (found,) = examine("class-balance", dataset(*records, empty=empty))
    assert found.message == message
    assert all(name in found.mend for name in empty)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [({"a": 5, "b": 5}, "(5 images)"), ({"a": 1, "b": 1}, "(1 image)"), ({"a": 5, "b": 4}, "4 to 5")],
)
def test_a_range_of_sizes_is_named_only_where_there_is_one(sizes, words):
    (found,) = examine("class-balance", dataset(*images(**sizes)))
    assert words in found.message
