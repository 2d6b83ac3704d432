"""Classes that were measured on a handful of images."""

from __future__ import annotations

from tests.checks.made import evaluation, judge


def test_one_such_class_is_named_with_its_images():
    (found,) = judge("rarely-tested-classes", evaluation([0] * 20 + [1] * 6 + [2] * 10, [0] * 36))
    assert (found.severity, found.message) == ("note", "b: only 6 images to measure on.")


def test_many_such_classes_are_listed_from_the_rarest_and_cut_short():
    classes = tuple(f"c{number}" for number in range(12))
    true = [*range(12), *range(1, 12)]
    (found,) = judge("rarely-tested-classes", evaluation(true, true, classes=classes))
    assert found.message.startswith("Fewer than 10 images to measure on: c0 (1), ")
    assert found.message.endswith("and 8 more.")
    assert found.numbers == {"classes": 12}


def test_classes_with_ten_images_or_none_are_no_matter_of_this_check():
    (found,) = judge("rarely-tested-classes", evaluation([0] * 10 + [1] * 11, [0] * 21))
    assert found.severity == "ok"
