"""Sentences about what explains a prediction claim no more than was measured."""

from __future__ import annotations

import pytest

from tlstudio.evaluation.explanation_words import looked_words, pulled_words, similar_words

LOOKED = {"class": "bees", "probability": 0.9, "without": 0.2, "elsewhere": 0.88, "is_flat": False}


def test_a_map_that_holds_says_so_with_its_figures():
    words = looked_words(LOOKED)
    assert "20 % sure of it instead of 90 %" in words
    assert "darkest quarter 88 %" in words
    assert words.endswith("So the bright parts do matter.")


@pytest.mark.parametrize("without", [0.8, 0.88, 0.95])
def test_a_map_that_does_not_hold_says_that_it_explains_nothing(without: float):
    assert "explains nothing" in looked_words({**LOOKED, "without": without})


def test_a_map_without_anything_says_so():
    assert looked_words({**LOOKED, "is_flat": True}) == "No part of the image speaks for “bees”."


def test_similar_images_are_counted_by_their_labels():
    similar = [{"label": "bees"}, {"label": "bees"}, {"label": "ants"}]
    assert "2 of these 3 are labelled bees" in similar_words({"similar": similar, "class": "bees"})
    assert similar_words({"similar": [], "class": "bees"}) == "No training image is like this one."


def test_pulls_name_both_classes_and_their_absence_its_reason():
    found = {"pulled": [{"label": "bees"}], "class": "bees", "against": "ants"}
    assert "pulled it to bees and away from ants" in pulled_words(found)
    assert "cannot be told" in pulled_words({**found, "pulled": []})
