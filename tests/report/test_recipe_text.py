import pytest
from pydantic import BaseModel, Field

from tlstudio.core.types import Interval
from tlstudio.evaluation.evaluation import ColumnEvaluation, Evaluation
from tlstudio.evaluation.metric_values import Metrics
from tlstudio.models.catalogue import backbone_info
from tlstudio.report.recipe_text import (
    choice_words,
    decimals,
    headline,
    interval_words,
    line_words,
    percent,
    readable,
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
        strategy="prototypes",
    )
    words = dict(recipe_words(recipe, None))
    assert words["Backbone"] == "some_net Started from weights of your own."
    assert "blocks 4 upwards" in words["Freeze line"]
    assert "whole image" in words["Image shape"]
    assert "99 units" in words["Head"]
    assert words["Strategy"] == "prototypes"


def _tried(freeze: str, accuracy: float, *, best: bool = False) -> dict:
    return {"freeze": freeze, "accuracy": accuracy, "n": 102, "best": best}


@pytest.mark.parametrize(
    ("trials", "words"),
    [
        ([], ""),
        ([_tried("head", 0.7, best=True)], "Only the head: 70.0 % of 102 images"),
        (
            [_tried("head", 0.765, best=True), _tried("conv_head", 0.77), _tried("blocks.6", 0.725)],
            "Only the head: training more stages gained nothing beyond chance (76.5 % of 102 images were "
            "answered rightly with the head alone, 77.0 % from conv head up).",
        ),
        (
            [_tried("head", 0.7, best=True), _tried("top", 0.8, best=True), _tried("stem", 0.81)],
            "Training from top up: 80.0 % of 102 images were answered rightly, 70.0 % with only the head, "
            "and that is more than chance explains. Lower lines gained nothing more.",
        ),
    ],
)
def test_what_was_chosen_and_why(trials, words):
    assert choice_words(trials).startswith(words)
    assert bool(choice_words(trials)) == bool(trials)


def test_lines_in_words():
    assert [line_words(name) for name in ("head", "none", "layer4")] == [
        "only the head", "everything", "from layer4 up"
    ]  # fmt: skip


def test_readable():
    assert readable("blocks.6") == "blocks 6"
    assert readable("conv_head") == "conv head"


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
