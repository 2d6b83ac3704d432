"""Answers that are not sure enough are left to a person."""

from __future__ import annotations

from dataclasses import replace

from tlstudio.core.ask_below import AskBelow
from tlstudio.core.dataset import LabelColumn
from tlstudio.core.types import PredictedImage
from tlstudio.evaluation.class_sets import ClassSets
from tlstudio.inference.asking import with_asking

SPECIES = LabelColumn(name="species", classes=("ant", "bee"))
HEALTH = LabelColumn(name="health", classes=("ill", "well"))
ANSWER = PredictedImage(path="a.jpg", probabilities={"ant": 0.8, "bee": 0.2})
BOTH = replace(ANSWER, columns={"species": {"ant": 0.8, "bee": 0.2}, "health": {"ill": 0.4, "well": 0.6}})


def test_an_answer_below_the_threshold_is_left_to_a_person():
    for threshold, asked in ((0.7, False), (0.8, False), (0.81, True)):
        found = with_asking(ANSWER, columns=(SPECIES,), ask_below={"species": AskBelow(threshold)})
        assert found == replace(ANSWER, ask={"species": asked})


def test_the_name_of_an_only_column_does_not_matter():
    assert with_asking(ANSWER, columns=(SPECIES,), ask_below={"label": AskBelow(0.9)}).ask == {
        "species": True
    }


def test_each_column_has_its_own_threshold_or_none():
    columns = (SPECIES, HEALTH)
    assert with_asking(BOTH, columns=columns, ask_below={"health": AskBelow(0.7)}).ask == {"health": True}
    both = with_asking(BOTH, columns=columns, ask_below={"health": AskBelow(0.5), "species": AskBelow(0.9)})
    assert both.ask == {"species": True, "health": False}


def test_without_a_threshold_or_an_answer_nothing_is_said():
    failed = PredictedImage(path="a.jpg", error="It is empty.")
    assert with_asking(ANSWER, columns=(SPECIES,), ask_below={}) is ANSWER
    assert with_asking(failed, columns=(SPECIES,), ask_below={"species": AskBelow(0.9)}) is failed


def test_the_classes_that_an_image_may_show_are_named_where_something_is_promised():
    sets = {"health": ClassSets(coverage=0.9, least={"ill": 0.3, "well": 0.3})}
    found = with_asking(BOTH, columns=(SPECIES, HEALTH), ask_below={}, sets=sets)
    assert (found.ask, found.named) == ({}, {"health": ("well", "ill")})
    alone = with_asking(ANSWER, columns=(SPECIES,), ask_below={}, sets={"label": sets["health"]})
    assert alone.named == {"species": ("ant",)}


def test_a_class_can_have_its_own_threshold():
    best, sure = max(ANSWER.probabilities.items(), key=lambda pair: pair[1])
    other = next(name for name in ANSWER.probabilities if name != best)
    for below, asked in (
        (AskBelow(0.0, {best: sure + 0.01}), True),
        (AskBelow(1.0, {best: sure - 0.01}), False),
        (AskBelow(0.0, {other: 1.0}), False),
    ):
        assert with_asking(ANSWER, columns=(SPECIES,), ask_below={"species": below}).ask == {"species": asked}
