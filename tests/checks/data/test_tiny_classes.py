"""Very small classes."""

from __future__ import annotations

from tests.checks.made import dataset, examine, images


def test_small_classes_and_empty_folders_are_listed():
    small, empty = examine("tiny-classes", dataset(*images(cat=20, dog=9, emu=1), empty=("fox",)))
    assert "dog (9), emu (1)" in small.message
    assert len(small.paths) == 10
    assert "fox" in empty.message


def test_ten_images_are_enough():
    (found,) = examine("tiny-classes", dataset(*images(cat=10, dog=11)))
    assert found.severity == "ok"
