"""The simple view of the Model page: what do you want?"""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.gui.robots.model import ModelRobot
from tlstudio.core.glossary import terms_in
from tlstudio.gui.pages.model.page import ModelPage
from tlstudio.gui.pages.model.simple import chosen_way, plain_ways
from tlstudio.models.catalogue import backbone_info
from tlstudio.specs import CHOOSE_FOR_ME, STRATEGIES, default_strategy
from tlstudio.specs.recipe import Recipe

QUICK, ACCURATE = default_strategy(trains_stages=False).id, default_strategy(trains_stages=True).id
STAGES = [stage.name for stage in backbone_info("efficientnet_lite0").stages]


@pytest.fixture
def robot(fresh_cache, opened, qtbot) -> ModelRobot:
    return ModelRobot(ModelPage(opened), qtbot).show(simple=True)


def test_newcomers_see_three_choices_and_one_button(robot):
    page = robot.page
    assert [way.plain_title for way in plain_ways()] == ["Choose for me", "Quick", "Accurate"]
    assert all(card.isVisible() for card in page.simple.cards.values())
    assert page.train_button.isVisible()
    for hidden in (page.backbones, page.freezing, page.head, page.strategy, page.more):
        assert not hidden.isVisible()
    assert page.cost.isVisible()


def test_what_newcomers_read_holds_no_technical_term(robot):
    panel = robot.page.simple
    special = panel.cases.findChildren(QLabel)  # their names are those of the registry, explained in tips
    for label in set(panel.findChildren(QLabel)) - set(special):
        assert terms_in(label.text()) == (), label.text()


def test_each_choice_is_a_strategy_with_its_freeze_line(robot):
    assert robot.page.simple.cards[QUICK].isChecked()
    robot.choose_way(CHOOSE_FOR_ME.id)
    assert robot.recipe("freeze") == CHOOSE_FOR_ME.id
    robot.choose_way(ACCURATE)
    assert (robot.recipe("strategy"), robot.recipe("freeze")) == (ACCURATE, "blocks.4")
    assert robot.page.simple.cards[ACCURATE].isChecked()
    robot.choose_way(QUICK)
    assert (robot.recipe("strategy"), robot.recipe("freeze")) == (QUICK, "head")


def test_arrow_keys_go_from_choice_to_choice_and_space_takes_one(robot):
    assert QApplication.focusWidget() is robot.page.simple.cards[QUICK]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Left)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert robot.page.simple.cards[CHOOSE_FOR_ME.id].isChecked()


def test_settings_made_by_hand_are_told_and_kept(robot):
    robot.page._app_state.update_recipe({"strategy": ACCURATE, "freeze": "blocks.6"})
    assert not any(card.isChecked() for card in robot.page.simple.cards.values())
    assert "from blocks 6 up" in robot.page.simple.by_hand.text()
    assert robot.recipe("freeze") == "blocks.6"
    robot.choose_way(QUICK)
    assert not robot.page.simple.by_hand.isVisible()


def test_all_settings_are_one_click_away_and_the_view_is_remembered(robot, opened, qtbot):
    robot.page.views.all_settings.click()
    assert robot.page.freezing.isVisible()
    assert not robot.page.simple.isVisible()
    again = ModelPage(opened)
    qtbot.addWidget(again)
    again.show()
    assert again.freezing.isVisible()
    again.views.simple.click()
    third = ModelPage(opened)
    qtbot.addWidget(third)
    third.show()
    assert third.simple.isVisible()


def test_training_starts_from_the_simple_view(robot, opened, qtbot):
    with qtbot.waitSignal(robot.page.go_to):
        robot.train()
    qtbot.waitUntil(lambda: opened.training is None)


@pytest.mark.parametrize(
    ("strategy", "freeze", "way"),
    [
        (QUICK, "head", QUICK),
        (ACCURATE, "blocks.4", ACCURATE),
        (ACCURATE, "blocks.6", ""),
        (ACCURATE, "none", ""),
        (ACCURATE, CHOOSE_FOR_ME.id, CHOOSE_FOR_ME.id),
        ("of-another-version", "head", ""),
    ],
)
def test_which_way_a_recipe_is(strategy, freeze, way):
    assert chosen_way(Recipe(strategy=strategy, freeze=freeze), stages=STAGES) == way


def test_the_ways_for_most_cases_have_plain_words():
    assert all(way.plain_title and way.plain_summary for way in plain_ways())
    assert {way.id for way in plain_ways()} <= {CHOOSE_FOR_ME.id, *STRATEGIES.ids()}


def test_each_choice_says_how_long_it_takes_and_the_chosen_one_what_it_does(robot, qtbot):
    panel = robot.page.simple
    qtbot.waitUntil(lambda: all(time.text() for time in panel.times.values()))
    assert panel.times[QUICK].text() == robot.cost("whole run")
    assert panel.plan.rows[0].seconds.text() == "12 s"
    robot.choose_way(CHOOSE_FOR_ME.id)
    assert panel.plan.rows[1].title.text() == "Try four ways"
    assert robot.page.summary() == "the best one ready offline"
    assert "only where that shows a gain" in robot.page.good_to_know.words.text()


def test_the_way_back_to_the_simple_view_is_always_in_sight(robot):
    robot.page.views.all_settings.click()
    robot.page.resize(740, 440)
    QApplication.processEvents()
    area = robot.page._page.right_area
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    for chip in (robot.page.views.simple, robot.page.views.all_settings):
        assert chip.visibleRegion().boundingRect() == chip.rect()
