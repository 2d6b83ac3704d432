"""The answer to “Have I done enough?” says what its figures say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tlstudio.core.events import LearningCurve, LearningPoint
from tlstudio.evaluation.enough import answer


def point(images: float, accuracy: float, low: float, high: float) -> LearningPoint:
    return LearningPoint(images_per_class=images, accuracy=accuracy, interval=(low, high))


CURVE = LearningCurve(
    run_id="run-1",
    points=(point(5, 0.7, 0.65, 0.75), point(10, 0.78, 0.73, 0.83), point(32, 0.86, 0.82, 0.9)),
    now=point(40, 0.87, 0.83, 0.91),
    expected=point(80, 0.91, 0.86, 0.94),
    more_per_class=40,
    gain=(0.01, 0.06),
    weak_class="plastic",
    weak_mistakes=31,
    mistakes=42,
    judged=240,
)


def test_what_more_images_would_give_and_of_which_class():
    said = answer(CURVE)
    assert said.severity == "note"
    assert said.message == (
        "More images would help: with 40 more images of each class about 91 % (86–94) would be right, "
        "against about 87 % (83–91) now. It errs most with plastic (31 of 42 mistakes): begin with images of "
        "it."
    )
    assert "240 training and check images" in said.meaning
    assert "stages" not in said.meaning
    assert "Label more" in said.mend


def test_without_a_class_that_stands_out_none_is_named():
    assert answer(replace(CURVE, weak_class="")).message.endswith("now.")


@pytest.mark.parametrize(
    ("gain", "then", "lead"),
    [
        ((0.0, 0.008), 0.875, "Enough images"),
        ((0.0, 0.03), 0.875, "Probably enough images"),
        ((0.0, 0.03), 0.89, "More images would help a little:"),
        ((0.0, 0.08), 0.91, "More images would help:"),
    ],
)
def test_it_says_enough_where_a_point_would_not_be_gained(gain, then, lead):
    said = answer(replace(CURVE, gain=gain, expected=point(80, then, 0.8, 0.92)))
    assert said.message.startswith(lead)
    assert (said.severity == "ok") == ("nough" in lead)
    assert ("plastic" in said.message) == (said.severity == "note")
    assert said.mend


def test_of_stages_that_learned_it_says_what_it_stands_for():
    assert "take what is gained as a guide" in answer(replace(CURVE, stages_learned=True)).meaning


def test_the_curve_of_prototypes_goes_on_to_twice_as_many():
    old = LearningCurve(
        run_id="run-1",
        points=(point(1, 0.5, 0.4, 0.6), point(9, 0.8, 0.7, 0.9)),
        expected=point(20, 0.9, 0.7, 1),
    )
    assert "with 11 more images of each class about 90 % (70–100)" in answer(old).message
