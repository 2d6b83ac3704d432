"""Exact copies with different labels."""

from __future__ import annotations

from tests.checks.made import dataset, examine, image, images


def test_copies_in_two_classes_are_a_warning():
    (found,) = examine(
        "label-conflicts",
        dataset(
            image("a/1", sha256="s"),
            image("a/2", sha256="s"),
            image("a/3", sha256="t"),
            image("b/1", sha256="t"),
        ),
    )
    assert (found.severity, found.paths) == ("warning", ("a/3", "b/1"))
    assert found.message.startswith("1 image lies in more than one class")


def test_an_unlabelled_copy_contradicts_nothing():
    (found,) = examine("label-conflicts", dataset(image("a/1", sha256="s"), image("x.jpg", sha256="s")))
    assert found.severity == "ok"


def test_images_without_copies_have_no_conflicts():
    (found,) = examine("label-conflicts", dataset(*images(a=2, b=2)))
    assert found.severity == "ok"
