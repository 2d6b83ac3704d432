"""Classes without an image to measure on."""

from __future__ import annotations

from tests.checks.made import evaluation, judge


def test_classes_without_images_are_named():
    (found,) = judge("absent-classes", evaluation([0, 1], [0, 1]))
    assert found.severity == "warning"
    assert found.message.startswith("No images of c:")


def test_when_every_class_was_tested_it_says_so():
    (found,) = judge("absent-classes", evaluation([0, 1, 2], [0, 0, 0]))
    assert found.severity == "ok"
