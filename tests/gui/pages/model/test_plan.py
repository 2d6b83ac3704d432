"""The card that says what will happen."""

from __future__ import annotations

import pytest

from tlstudio.gui.pages.data.filter import counts
from tlstudio.gui.pages.model.plan import PlanCard
from tlstudio.models.catalogue import backbone_info
from tlstudio.specs import CHOOSE_FOR_ME, default_strategy
from tlstudio.specs.recipe import Recipe

QUICK = Recipe(strategy=default_strategy(trains_stages=False).id, freeze="head")
COST = {"features_seconds": 12.0, "tries_seconds": 90.0, "training_seconds": 0.3, "evaluation_seconds": 2.6}


@pytest.fixture
def card(opened, qtbot) -> PlanCard:
    card = PlanCard(opened)
    qtbot.addWidget(card)
    card.resize(700, 400)
    card.show()
    show(card, QUICK)
    return card


def show(card: PlanCard, recipe: Recipe) -> None:
    info = backbone_info("efficientnet_lite0")
    card.show_recipe(recipe, info, counts(card._app_state.images()))


def shown_rows(card: PlanCard) -> list[tuple[str, str]]:
    return [(row.title.text(), row.seconds.text()) for row in card.rows if row.title.isVisible()]


def test_each_step_gets_its_time(card):
    assert [seconds for _title, seconds in shown_rows(card)] == ["", "", ""]
    card.show_cost(COST)
    assert [seconds for _title, seconds in shown_rows(card)] == ["12 s", "0.3 s", "3 s"]
    card.forget_cost()
    assert [seconds for _title, seconds in shown_rows(card)] == ["", "", ""]


def test_another_way_has_other_steps_and_no_old_times(card):
    card.show_cost(COST)
    show(card, Recipe(freeze=CHOOSE_FOR_ME.id))
    assert [title for title, seconds in shown_rows(card) if not seconds] == [
        "Look at every image once", "Try four ways", "Take the best one", "Measure how good it is"
    ]  # fmt: skip
    show(card, QUICK)
    assert len(shown_rows(card)) == 3
    assert "new last layer" in card.learning.words.text()
    assert card.kept.isVisible()


def test_when_everything_learns_no_line_says_that_something_stays(card):
    show(card, Recipe(freeze="none"))
    assert not card.kept.isVisible()
