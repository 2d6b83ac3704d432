"""A learning curve in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlstudio.core.percent import percent, percent_range


def learning_words(values: Mapping[str, Any]) -> str:
    """Say where a learning curve begins, where it is, and where it is going.

    Args:
        values: Of `learning_values`; empty gives an empty text.
    """
    if not values:
        return ""
    if "words" in values:
        return str(values["words"])
    first, *_, last = values["points"]
    expected = values["expected"]
    low, high = expected["interval"]
    return (
        f"With {images_words(first)} of each class, {percent(first['accuracy'])} of the other images are "
        f"right, with {images_words(last)} of each {percent(last['accuracy'])}. If it goes on "
        f"like this, {images_words(expected)} of each will give about {percent(expected['accuracy'])} "
        f"({percent_range(low, high)} %). All this is measured on training and check images left out "
        "in turn, so it need not equal the figures of check and test images."
    )


def images_words(point: Mapping[str, Any]) -> str:
    """The number of images of a point, which is an average where classes differ: “1 image”, “9.5”."""
    number = f"{point['images_per_class']:.1f}".removesuffix(".0")
    return f"{number} image" if number == "1" else number
