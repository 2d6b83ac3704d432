"""The backbone that "Choose for me" takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tlstudio.core.control import Control
from tlstudio.core.events import Event, WarningRaised
from tlstudio.core.types import Interval
from tlstudio.specs.recipe import Recipe, build_recipe
from tlstudio.training.auto import backbone_choice
from tlstudio.training.auto.backbone_choice import choose_backbone, comparable
from tlstudio.training.auto.ranking import RankedBackbone

SMALL, MIDDLE, LARGE = "efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"
Choose = Callable[..., Recipe]


def row(backbone: str, accuracy: float, *, difference: tuple[float, float]) -> RankedBackbone:
    return RankedBackbone(
        id=backbone,
        accuracy=accuracy,
        interval=Interval(low=0.0, high=1.0),
        n=100,
        difference=sum(difference) / 2,
        difference_interval=Interval(low=difference[0], high=difference[1]),
        seconds_per_1000=float("inf"),
    )


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Chooses by made-up rows."""

    def run(rows: Sequence[RankedBackbone], *, emit: Any = None, **backbone: Any) -> Recipe:
        def rank(_images: object, names: Sequence[str], **_rest: object) -> Sequence[RankedBackbone]:
            assert sorted(names) == sorted(row.id for row in rows)
            return rows

        monkeypatch.setattr(backbone_choice, "rank_backbones", rank)
        monkeypatch.setattr(backbone_choice, "ready_offline", lambda: [SMALL, MIDDLE, LARGE])
        recipe = build_recipe({"freeze": "auto", "backbone": {"compared": True, **backbone}})
        return choose_backbone(
            recipe,
            (),
            device="cpu",
            threads=1,
            run_id="r",
            emit=emit or (lambda _event: None),
            control=Control(),
        )

    return run


def test_the_smallest_within_a_standard_error_of_the_best_is_taken_and_it_is_said_why(choose: Choose):
    events: list[Event] = []
    rows = [
        row(LARGE, 0.79, difference=(0, 0)),
        row(MIDDLE, 0.782, difference=(-0.04, 0.02)),
        row(SMALL, 0.74, difference=(-0.11, 0.01)),  # 0.05 less, its standard error is 0.03
    ]
    recipe = choose(rows, emit=events.append)
    assert recipe.backbone.id == MIDDLE
    assert not recipe.backbone.compared
    (note,) = events
    assert isinstance(note, WarningRaised)
    assert note.severity == "note"
    assert "EfficientNet-Lite1 is taken" in note.message
    assert "EfficientNet-Lite0 74.0 % of 100 images" in note.message


def test_the_recipes_own_stays_where_it_is_about_as_good(choose: Choose):
    rows = [
        row(LARGE, 0.8, difference=(0, 0)),
        row(SMALL, 0.79, difference=(-0.05, 0.03)),
        row(MIDDLE, 0.6, difference=(-0.3, -0.1)),
    ]
    assert choose(rows).backbone.id == SMALL


def test_nothing_is_compared_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backbone_choice, "rank_backbones", None)
    for values in (
        {"freeze": "auto"},
        {"freeze": "head", "backbone": {"compared": True}},
    ):
        recipe = build_recipe(values)
        same = choose_backbone(
            recipe, (), device="cpu", threads=1, run_id="r", emit=lambda _: None, control=Control()
        )
        assert same is recipe


def test_weights_of_a_file_and_stricter_licences_are_not_compared(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backbone_choice, "ready_offline", lambda: [SMALL, MIDDLE])
    own = build_recipe({"backbone": {"weights_file": "mine.safetensors"}})
    assert comparable(own) == [SMALL]
    assert comparable(Recipe()) == [SMALL, MIDDLE]
    monkeypatch.setattr(backbone_choice, "_freedom", lambda name: 2 if name == SMALL else 0)
    assert comparable(Recipe()) == [SMALL]


def test_a_backbone_outside_the_catalogue_is_compared_as_well(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backbone_choice, "ready_offline", lambda: [SMALL])
    own = build_recipe({"backbone": {"id": "mobilenetv2_050.lamb_in1k"}})
    assert comparable(own) == ["mobilenetv2_050.lamb_in1k", SMALL]
