"""A learning curve in a sentence."""

from __future__ import annotations

from typing import Any

from tlstudio.report.learning_words import learning_words


def point(images: float, accuracy: float, low: float, high: float) -> dict[str, Any]:
    return {"images_per_class": images, "accuracy": accuracy, "interval": (low, high)}


def test_it_says_where_the_curve_begins_is_and_goes() -> None:
    points = [point(1, 0.384, 0.3, 0.5), point(2, 0.47, 0.4, 0.5), point(9.5, 0.66, 0.5, 0.8)]
    words = learning_words({"points": points, "expected": point(21, 0.72, 0.6, 0.84)})
    measured, _, where = words.partition(" All this is ")
    assert where.startswith("measured on training and check images")
    assert measured == (
        "With 1 image of each class, 38 % of the other images are right, with 9.5 of each 66 %. If it goes "
        "on like this, 21 of each will give about 72 % (60–84 %)."
    )


def test_without_a_curve_there_is_nothing_to_say() -> None:
    assert learning_words({}) == ""
