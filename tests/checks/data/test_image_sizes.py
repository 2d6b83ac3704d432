"""Tiny and very long images."""

from __future__ import annotations

from tests.checks.made import dataset, examine, image


def test_tiny_and_long_images_are_listed():
    tiny, long = examine(
        "image-sizes",
        dataset(
            image("a/icon", size=(31, 300)),
            image("a/strip", size=(801, 200)),
            image("a/fine", size=(800, 200)),
        ),
    )
    assert tiny.paths == ("a/icon",)
    assert long.paths == ("a/icon", "a/strip")


def test_images_of_usual_shape_are_fine():
    (found,) = examine("image-sizes", dataset(image("a/1", size=(32, 128))))
    assert found.severity == "ok"
