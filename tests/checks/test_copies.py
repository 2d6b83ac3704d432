"""Copies of one image."""

from __future__ import annotations

from tests.checks.made import dataset, image
from tlstudio.checks.copies import columns_in_conflict, copies_of_one_image
from tlstudio.core.dataset import Image


def test_copies_are_put_together_and_single_images_left_out():
    images = [image("a/1", sha256="s"), image("a/2"), image("b/1", sha256="s"), image("x", sha256="s")]
    (copies,) = copies_of_one_image(dataset(*images))
    assert [copy.path for copy in copies] == ["a/1", "b/1", "x"]


def test_each_label_column_is_compared_for_itself():
    copies = [
        Image(path="1", sha256="s", labels={"plant": "rice", "health": "ill"}),
        Image(path="2", sha256="s", labels={"plant": "rice", "health": "well"}),
        Image(path="3", sha256="s"),
    ]
    assert columns_in_conflict(copies) == {"health"}
    assert columns_in_conflict(copies[1:]) == set()
