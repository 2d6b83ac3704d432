from __future__ import annotations

from tlstudio.gui.pages.model.facts import image_facts
from tlstudio.models.catalogue import backbone_info
from tlstudio.specs.recipe import build_recipe


def facts(**values: object) -> dict[str, tuple[str, str]]:
    return image_facts(
        backbone_info("efficientnet_lite0"),
        build_recipe(values),
        classes=3,
        train_images=120,
        is_estimate=True,
    )


def test_facts_about_the_images():
    told = {name: value for name, (value, _) in facts().items()}
    assert told["to learn from"] == "about 120 images"
    assert told["classes"] == "3"


def test_check_images_are_said_to_be_learned_from_where_they_are():
    assert "kept aside" in facts()["to learn from"][1]
    assert "check images as well" in facts(freeze="auto", strategy="fine-tune")["to learn from"][1]


def test_where_words_sort_the_images_nothing_is_said_to_be_learned_from_them():
    told = facts(strategy="zero-shot")
    assert "to learn from" not in told
    assert "Nothing is learned" in told["to try the words on"][1]
