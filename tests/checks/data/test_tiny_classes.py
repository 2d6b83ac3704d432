"""Very small classes."""

from __future__ import annotations

from dataclasses import replace

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


def test_a_class_that_a_given_division_keeps_from_training_is_named():
    taught = [replace(image, given_split="train") for image in images(cat=10)]
    tested = [replace(image, given_split="test") for image in images(dog=10)]
    (found,) = examine("tiny-classes", dataset(*taught, *tested, *images(emu=10)))
    assert (found.severity, len(found.paths)) == ("warning", 10)
    assert "gives none of dog for training" in found.message
