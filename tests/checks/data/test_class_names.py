"""Class names that look alike."""

from __future__ import annotations

from tests.checks.made import dataset, examine, images


def test_names_that_differ_only_in_spelling_are_listed_with_their_images():
    (found,) = examine("class-names", dataset(*images(**{"Red Fox": 1, "red_fox": 2, "dog": 1})))
    assert found.severity == "warning"
    assert "'Red Fox' and 'red_fox'" in found.message
    assert len(found.paths) == 3


def test_names_of_signs_alone_are_compared_as_they_are():
    (found,) = examine("class-names", dataset(*images(**{"-": 1, "_": 1})))
    assert found.severity == "ok"


def test_one_class_alone_is_no_good_news():
    (found,) = examine("class-names", dataset(*images(dog=2)))
    assert found.severity == "note"
