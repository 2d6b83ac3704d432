from __future__ import annotations

from tlstudio.gui.pages.model.settings import MoreSettings
from tlstudio.specs.recipe import build_recipe


def test_the_time_for_trying_is_set_where_something_is_tried(qtbot):
    card, changes = MoreSettings(), []
    qtbot.addWidget(card)
    card.changed.connect(changes.append)
    card.show_recipe(build_recipe({}))
    assert card.choosing.isHidden()
    card.show_recipe(build_recipe({"strategy": "fine-tune", "freeze": "auto"}))
    assert not card.choosing.isHidden()
    assert card.budget.text() == "no limit"
    assert changes == []
    card.budget.setValue(3)
    assert changes[-1]["budget_seconds"] == 180
    card.budget.setValue(0)
    assert changes[-1]["budget_seconds"] is None
    card.show_recipe(build_recipe({"strategy": "fine-tune", "freeze": "auto", "budget_seconds": 90}))
    assert card.budget.text() == "2 min"
