"""Sentences about the threshold below which a person is asked."""

from __future__ import annotations

from tlstudio.core.ask_below import AskBelow
from tlstudio.evaluation.asking import Answered, AskingRule
from tlstudio.evaluation.asking_words import (
    answered_words,
    asked_words,
    chosen_words,
    threshold_words,
    unreachable_words,
)

FOUND = Answered(n=48, answered=43, right=42)


def test_a_threshold_says_what_it_does():
    assert threshold_words(AskBelow(0.823)) == "Less than 82.3 % sure: a person is asked."
    assert threshold_words(AskBelow(0.0)) == "Every image is answered, however unsure the answer is."
    assert threshold_words(AskBelow(0.9, {"glass": 0.7, "metal": 0.8})) == (
        "A person is asked below 70.0 % for glass, 80.0 % for metal and 90.0 % for any other class."
    )


def test_what_is_answered_is_told_with_its_interval():
    assert answered_words(FOUND, images="test images") == (
        "43 of 48 test images are answered, 97.7 % of them right (95 % interval 88–99)."
    )
    assert answered_words(Answered(n=5, answered=0, right=0), images="images") == (
        "None of 5 images is answered."
    )


def test_how_it_was_chosen_is_told():
    assert chosen_words(AskingRule(threshold=0.8, wish=0.95, found=FOUND)).startswith(
        "Chosen for 95 % right: 43 of 48 images that it had not learned from"
    )
    assert chosen_words(AskingRule(threshold=0.8, wish=None, found=FOUND)).startswith("Set by hand. 43 of 48")


def test_a_wish_that_cannot_be_fulfilled_says_by_how_many_images_it_was_tried():
    assert "18 images that it had not learned from cannot show that 95 %" in unreachable_words(0.95, n=18)


def test_the_classes_to_decide_between_are_named():
    assert asked_words(None) == asked_words(["paper"]) == "ask a person"
    assert asked_words(["paper", "trash"]) == "ask a person, it may be paper or trash"
    assert asked_words(["a", "b", "c"]) == "ask a person, it may be a, b or c"
