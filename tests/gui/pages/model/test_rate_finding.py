"""The button that opens the search for a learning rate."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.gui.robots.model import ModelRobot
from tlstudio.gui.pages.model.page import ModelPage
from tlstudio.gui.pages.model.rate_dialog import RateDialog

FINE = {"strategy": "fine-tune", "freeze": "blocks.4"}


@pytest.fixture
def page(fresh_cache, opened, qtbot) -> ModelPage:
    page = ModelRobot(ModelPage(opened), qtbot).show().page
    page.more.fold.click()
    return page


def test_a_rate_that_is_found_is_taken_by_one_click(page, opened, qtbot):
    opened.update_recipe(FINE)
    assert page.more.find_rate.isVisible()
    qtbot.mouseClick(page.more.find_rate, Qt.MouseButton.LeftButton)
    dialog = page.findChild(RateDialog)
    qtbot.waitUntil(dialog.take.isVisible)
    qtbot.mouseClick(dialog.take, Qt.MouseButton.LeftButton)
    assert opened.recipe()["optimiser"] == {"learning_rate_stages": 0.002, "learning_rate_head": 0.02}
    assert page.more.rate_stages.value() == 0.002
    assert page.more.rate_head.value() == 0.02
    assert not opened.runs()


def test_it_is_there_for_fine_tuning_from_a_line_that_is_set(page, opened, qtbot):
    button = page.more.find_rate
    assert not button.isVisible(), "with the head alone nothing learns by steps"
    opened.update_recipe(FINE)
    assert button.isEnabled()
    opened.update_recipe({"freeze": "auto"})
    assert not button.isEnabled()
    assert "set the freeze line yourself" in button.toolTip()
    opened.update_recipe({"strategy": "pretrain", "freeze": "blocks.4"})
    assert not button.isEnabled()
    assert button.isVisible()


def test_it_waits_until_a_training_has_ended(page, opened, qtbot):
    opened.update_recipe(FINE)
    opened.train()
    assert not page.more.find_rate.isEnabled()
    assert "A training is running." in page.more.find_rate.toolTip()
    qtbot.waitUntil(page.more.find_rate.isEnabled)
