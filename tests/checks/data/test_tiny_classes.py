"""Very small classes."""

from __future__ import annotations

from tests.checks.made import dataset, examine, image, images


def test_small_classes_and_empty_folders_are_listed():
    small, empty = examine("tiny-classes", dataset(*images(cat=20, dog=9, emu=1), empty=("fox",)))
    assert "dog (9), emu (1)" in small.message
    assert len(small.paths) == 10
    assert "fox" in empty.message


def test_classes_made_in_the_app_are_no_folders():
    (found,) = examine("tiny-classes", dataset(image("x.jpg"), empty=("glass", "metal")))
    assert found.severity == "warning"
    assert found.message == "2 classes without a usable image do not count: glass, metal."


def test_without_classes_nothing_is_praised():
    (found,) = examine("tiny-classes", dataset(image("x.jpg")))
    assert found.severity == "note"
    assert "at least" not in found.message


def test_ten_images_are_enough():
    (found,) = examine("tiny-classes", dataset(*images(cat=10, dog=11)))
    assert found.severity == "ok"
