"""Images sorted by class and by content."""

from __future__ import annotations

from tests.checks.made import dataset, record
from tlstudio.checks.classes import copies_of_one_image, images_by_class, labels_of


def test_unlabelled_images_belong_to_no_class():
    found = images_by_class(dataset(record("b/1"), record("a/1"), record("x.jpg"), record("a/2")))
    assert {name: [image.path for image in images] for name, images in found.items()} == {
        "a": ["a/1", "a/2"],
        "b": ["b/1"],
    }


def test_copies_are_put_together_and_single_images_left_out():
    images = [record("a/1", sha256="s"), record("a/2"), record("b/1", sha256="s"), record("x", sha256="s")]
    (copies,) = copies_of_one_image(dataset(*images))
    assert [image.path for image in copies] == ["a/1", "b/1", "x"]
    assert labels_of(copies) == {"a", "b"}
