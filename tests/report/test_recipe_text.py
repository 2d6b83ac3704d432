import pytest
from pydantic import BaseModel, Field

from tlstudio.core.types import Interval
from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.models.catalogue import backbone_info
from tlstudio.report.recipe_text import (
    choice_words,
    decimals,
    gain_words,
    headline,
    interval_words,
    percent,
    recipe_words,
)
from tlstudio.specs import STRATEGIES
from tlstudio.specs.recipe import AugmentationSettings, BackboneSettings, HeadSettings, Recipe
from tlstudio.specs.spec import InputSpec


def test_numbers_in_words() -> None:
    assert percent(0.94733) == "94.7 %"
    assert percent(None) == "–"
    assert decimals(0.94733) == "0.947"
    assert decimals(None) == "–"
    assert interval_words(Interval(low=0.8631, high=0.9912)) == "86 to 99 %"
    assert interval_words(None) == "–"
    metrics = Metrics(n=48, accuracy=0.55, interval=Interval(low=0.5, high=0.6))
    evaluation = Evaluation(subset="test", columns={"label": ColumnEvaluation(metrics=metrics)})
    assert headline(evaluation).startswith("of 48 test images right · 95 % interval 50 to 60 %")


def _words(recipe: Recipe) -> dict[str, str]:
    return dict(recipe_words(recipe, backbone_info("efficientnet_lite0")))


def test_default_recipe_in_words() -> None:
    words = _words(Recipe())
    assert "EfficientNet-Lite0" in words["Backbone"]
    assert "Apache-2.0" in words["Backbone"]
    assert "Only the head" in words["Freeze line"]
    assert "Seed 0" in words["Chance"]
    assert "Variations" not in words, "a linear probe sees every image as it is"


def test_a_head_that_is_not_the_recipes_is_told_unless_the_plain_one_was_kept() -> None:
    spec = next(spec for spec in STRATEGIES if spec.head)
    recipe = Recipe(strategy=spec.id)
    assert _words(recipe)["Head"] == spec.head
    words = dict(recipe_words(recipe, None, start_returned=True))
    assert words["Head"].startswith("One linear layer")
    assert words["Strategy"] == f"{spec.report} That did not clearly help, so the plain head is kept."


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (AugmentationSettings(), "mirrored"),
        (AugmentationSettings(flip_changes_meaning=True), "as they are"),
        (
            AugmentationSettings(flip_vertical=True, crop=0.2, rotation_degrees=10, colour=0.3),
            "mirrored, upside down, cropped by up to 20%, turned by up to 10°, in varied colours",
        ),
    ],
)
def test_variations_in_words(settings: AugmentationSettings, expected: str) -> None:
    assert expected in _words(Recipe(strategy="fine-tune", augmentation=settings))["Variations"]


def test_other_choices_in_words() -> None:
    recipe = Recipe(
        backbone=BackboneSettings(id="some_net", weights_file="w.safetensors"),
        freeze="blocks.4",
        fit="pad",
        head=HeadSettings(kind="hidden", hidden_units=99),
        strategy="of-a-later-version",
    )
    words = dict(recipe_words(recipe, None))
    assert words["Backbone"] == "some_net Started from weights of your own."
    assert "blocks 4 upwards" in words["Freeze line"]
    assert "whole image" in words["Image shape"]
    assert "99 units" in words["Head"]
    assert words["Strategy"] == "of-a-later-version, which this version does not know."


def _tried(freeze: str, accuracy: float, *, best: bool = False) -> dict:
    return {"freeze": freeze, "accuracy": accuracy, "n": 102, "best": best}


def _compared(
    freeze: str,
    accuracy: float,
    difference: float,
    noise: float,
    *,
    against: str = "head",
    best: bool = False,
) -> dict:
    return _tried(freeze, accuracy, best=best) | {
        "against": against,
        "difference": difference,
        "noise": noise,
    }


@pytest.mark.parametrize(
    ("trials", "words"),
    [
        ([], ""),
        (
            [_tried("head", 0.7, best=True)],
            "Only the head was trained: 70.0 % of 102 images were right in the tries. "
            "Nothing else was tried.",
        ),
        (
            [_tried("head", 0.765, best=True), _tried("conv_head", 0.77), _tried("blocks.6", 0.725)],
            "Only the head was trained: 76.5 % of 102 images were right in the tries. Training more "
            "stages was not clearly better: from conv head up it was 77.0 %.",
        ),
        (
            [_tried("head", 0.843, best=True), _compared("blocks.6", 0.855, 0.012, 0.039)],
            "Only the head was trained: 84.3 % of 102 images were right in the tries. Training more "
            "stages was not clearly better: from blocks 6 up it was 85.5 %, which is 1.2 points more, but on "
            "102 images chance alone makes a difference of up to 3.9 points.",
        ),
        (
            [_tried("head", 0.8, best=True), _compared("blocks.6", 0.7, -0.1, 0.039)],
            "Only the head was trained: 80.0 % of 102 images were right in the tries. Training more "
            "stages was not clearly better: from blocks 6 up it was 70.0 %.",
        ),
        (
            [_tried("head", 0.7, best=True), _tried("top", 0.8, best=True), _tried("stem", 0.81)],
            "Trained from top up: 80.0 % of 102 images were right in the tries, clearly more than 70.0 % "
            "with only the head. Training even more stages was not clearly better.",
        ),
        (
            [
                _tried("head", 0.7, best=True),
                _compared("top", 0.8, 0.1, 0.03, best=True),
                _compared("stem", 0.81, 0.01, 0.02, against="top"),
            ],
            "Trained from top up: 80.0 % of 102 images were right in the tries, clearly more than 70.0 % "
            "with only the head: 10.0 points more, where chance alone makes a difference of up to 3.0 "
            "points. Training even more stages was not clearly better.",
        ),
        (
            [
                _tried("head", 0.7, best=True),
                _compared("top", 0.8, 0.1, 0.03, best=True),
                _compared("stem", 0.9, 0.1, 0.01, against="top", best=True),
            ],
            "Trained from stem up: 90.0 % of 102 images were right in the tries, clearly more than 80.0 % "
            "from top up: 10.0 points more, where chance alone makes a difference of up to 1.0 point.",
        ),
    ],
)
def test_what_was_chosen_and_why(trials, words):
    assert choice_words(trials).startswith(words)
    assert bool(choice_words(trials)) == bool(trials)


def test_a_try_that_ended_early_and_one_with_another_setting_are_said_to_be_so():
    early = {**_compared("top", 0.9, -0.02, 0.05), "n": 34, "ended_early": True}
    assert choice_words([_tried("head", 0.7, best=True), early]).endswith(
        "Training more stages got no more right on the 34 images that it was tried on first."
    )
    crops = {**_compared("top", 0.9, 0.1, 0.02, against="top", best=True), "option": "with crops"}
    trials = [_tried("head", 0.7, best=True), _compared("top", 0.8, 0.1, 0.03, best=True), crops]
    assert choice_words(trials).startswith(
        "Trained from top up, with crops: 90.0 % of 102 images were right in the tries, clearly more than "
        "80.0 % from top up"
    )


def test_the_gain_of_a_trial_in_words():
    assert gain_words(_compared("top", 0.8, 0.0118, 0.0392)) == "+1.2 ± 3.9"
    assert gain_words(_compared("top", 0.6, -0.1, 0.0392)) == "−10.0 ± 3.9"
    assert gain_words(_tried("head", 0.8)) == ""


class _Options(BaseModel):
    shots: int = Field(5, title="Images per class")
    whiten: bool = False
    name: str | None = None


def test_options_and_inputs_of_the_strategy_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = InputSpec(id="unlabelled", title="More images", help="x", kind="folder", flag="--unlabelled")
    spec = STRATEGIES.get("linear-probe").model_copy(update={"options": _Options, "inputs": (folder,)})
    monkeypatch.setattr(STRATEGIES, "_found", {spec.id: spec})
    recipe = Recipe(strategy=spec.id, strategy_options={"whiten": True}, inputs={"unlabelled": "/photos"})
    words = _words(recipe)
    assert words["Images per class"] == "5", "a default is listed, too"
    assert words["Whiten"] == "yes"
    assert words["Name"] == "none"
    assert words["More images"] == "/photos"


def test_a_recipe_says_when_check_images_were_learned_from():
    assert "Images" not in dict(recipe_words(Recipe(), None))
    learned = dict(recipe_words(Recipe(learns_from="train+validation"), None))["Images"]
    assert learned.startswith("Learned from the training and the check images; the figures")
    cut = dict(recipe_words(Recipe(learns_from="train+validation"), None, has_check_figures=False))
    assert cut["Images"] == "Learned from the training and the check images."
