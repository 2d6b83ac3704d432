"""What a training will do, in words."""

from __future__ import annotations

import pytest

from tlstudio.core.glossary import terms_in
from tlstudio.gui.pages.data.filter import Counts
from tlstudio.gui.pages.model.plan_text import (
    Parts,
    good_to_know,
    kept_words,
    learning_words,
    parts_of,
    plan_steps,
    seconds_of,
)
from tlstudio.gui.pages.model.simple import plain_ways
from tlstudio.models.catalogue import backbone_info
from tlstudio.specs import CHOOSE_FOR_ME, STRATEGIES, default_strategy
from tlstudio.specs.recipe import Recipe

QUICK, ACCURATE = default_strategy(trains_stages=False).id, default_strategy(trains_stages=True).id
LITE = backbone_info("efficientnet_lite0")
CLASSES = ("ant", "bee", "fly", "moth")
DIVIDED = Counts(
    by_class=dict.fromkeys(CLASSES, 50), by_split={"train": 140, "validation": 30, "test": 30}, grouped=False
)
WAITING = Counts(by_class=dict.fromkeys(CLASSES, 50), by_split={None: 200}, grouped=False)


def steps(counted: Counts = DIVIDED, **settings):
    return plan_steps(Recipe(**settings), LITE, classes=CLASSES, counted=counted)


def test_the_quick_way_looks_learns_and_measures():
    looking, learning, measuring = steps(strategy=QUICK, freeze="head")
    assert "EfficientNet-Lite0 describes each of the 200 images" in looking.text
    assert learning.text == "A new last layer learns from 140 images to tell them apart: ant, bee, fly, moth."
    assert "answers 30 images that it did not learn from" in measuring.text


def test_the_accurate_way_says_what_adapts_and_for_how_long():
    learning = steps(strategy=ACCURATE, freeze="blocks.4", epochs=7)[1]
    assert "Then the upper 4 of 9 parts adapt to your images as well, gently, in 7 rounds." in learning.text
    everything = steps(strategy=ACCURATE, freeze="none", epochs=1)
    assert everything[0].title == "Read every image"
    assert "Then everything else adapts to your images as well, gently, in 1 round." in everything[1].text


def test_nothing_is_counted_while_the_images_are_read():
    nothing = Counts(by_class={}, by_split={}, grouped=False)
    told = plan_steps(Recipe(strategy=QUICK, freeze="head"), LITE, classes=(), counted=nothing)
    assert [step.title for step in told][1:] == ["Learn your classes", "Measure how good it is"]
    assert told[1].text == "A new last layer learns from images to tell them apart."
    assert not any(word in f"{step.title} {step.text}" for step in told for word in (" 0 ", "No image"))


def test_choose_for_me_names_its_tries():
    _looking, trying, taking, _measuring = steps(freeze=CHOOSE_FOR_ME.id)
    assert trying.title == "Try four ways"
    assert "unless another one is clearly better" in taking.text
    assert seconds_of(trying, {"tries_seconds": 90.0, "training_seconds": 30.0}) == 90.0


def test_images_that_are_not_divided_yet_count_with_their_share():
    learning, measuring = steps(WAITING, strategy=QUICK, freeze="head")[1:]
    recipe = Recipe()
    assert f"{round(200 * (1 - recipe.split.validation - recipe.split.test))} images" in learning.text
    assert f"{round(200 * recipe.split.test)} images" in measuring.text


def test_without_images_kept_aside_it_says_that_nothing_is_measured():
    counted = Counts(by_class={"ant": 9}, by_split={"train": 9}, grouped=False)
    assert "nothing can say how good it is" in steps(counted, freeze="head", strategy=QUICK)[-1].text


def test_a_step_without_an_estimate_has_no_time():
    assert seconds_of(steps()[0], {"features_seconds": None}) is None


@pytest.mark.parametrize("freeze", ["head", "blocks.4", "none", CHOOSE_FOR_ME.id])
def test_no_sentence_holds_a_technical_term(freeze):
    recipe = Recipe(strategy=QUICK if freeze == "head" else ACCURATE, freeze=freeze)
    parts = parts_of(LITE, recipe)
    texts = [kept_words(LITE, parts), learning_words(parts)]
    texts += [good_to_know(recipe, images_per_class=number) for number in (10, 500)]
    texts += [
        text for step in steps(freeze=freeze, strategy=recipe.strategy) for text in (step.title, step.text)
    ]
    assert [text for text in texts if terms_in(text)] == []


def test_what_stays_and_what_learns():
    half = Parts(kept=5, total=9, is_tried=False)
    assert "(the lower 5 of 9 parts)" in kept_words(LITE, half)
    assert learning_words(half).endswith("and the upper 4 parts")
    assert kept_words(LITE, Parts(kept=0, total=9, is_tried=False)) == ""
    assert learning_words(Parts(kept=0, total=9, is_tried=False)).endswith("and everything")
    head_alone = Parts(kept=9, total=9, is_tried=False)
    assert learning_words(head_alone) == "Learns from your images: a new last layer"
    words = next(spec for spec in STRATEGIES if any(wanted.kind == "classes" for wanted in spec.inputs))
    assert "not from your images" in learning_words(head_alone, words)


def test_each_plain_way_has_something_good_to_know():
    for way in plain_ways():
        is_auto = way.id == CHOOSE_FOR_ME.id
        recipe = Recipe(freeze=way.id) if is_auto else Recipe(strategy=way.id, freeze="head")
        assert good_to_know(recipe, images_per_class=10)
    other = Recipe(strategy="of-another-version", freeze="head")
    assert good_to_know(other, images_per_class=10) == ""


def test_only_few_images_are_called_few():
    quick = Recipe(strategy=QUICK, freeze="head")
    assert "as few images as these" in good_to_know(quick, images_per_class=49)
    assert "few" not in good_to_know(quick, images_per_class=50)
