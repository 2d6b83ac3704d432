from __future__ import annotations

import re

from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox

from tlstudio.gui.pages.model.settings import HeadCard, MoreSettings
from tlstudio.gui.widgets.forms.options_form import OptionsForm
from tlstudio.specs import STRATEGIES
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
    card.epochs.setValue(7)
    assert "budget_seconds" not in changes[-1], "the 90 seconds stay"


def test_the_tip_of_every_number_and_switch_says_what_more_and_less_of_it_do(qtbot):
    cards = [HeadCard(), MoreSettings(), *(OptionsForm(spec.options) for spec in STRATEGIES)]
    said = re.compile(r"\b(more|off)\b", re.IGNORECASE)
    told, lacking = 0, []
    for card in cards:
        qtbot.addWidget(card)
        for control in (*card.findChildren(QAbstractSpinBox), *card.findChildren(QAbstractButton)):
            if control is not getattr(card, "fold", None):
                told += 1
                lacking += [] if said.search(control.toolTip()) else [control.toolTip()]
    assert told >= 20
    assert lacking == []
