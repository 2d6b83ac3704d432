"""Small cards of strategies for special cases."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.extensions.using import extended
from tests.gui.robots.model import ModelRobot
from tlstudio.gui.dialogs.ways_dialog import WaysDialog
from tlstudio.gui.pages.model.cases import (
    CasesPanel,
    case_words,
    columns_of,
    first_sentence,
    needs_words,
    special_cases,
)
from tlstudio.gui.pages.model.page import ModelPage
from tlstudio.specs.spec import InputSpec, StrategySpec

FOLDER = InputSpec(id="other", title="Images from there", help="", kind="images", flag="--other")


def spec(number: int, **rest) -> StrategySpec:
    words = {"title": f"Case {number}", "summary": "When it is so. And more about it.", "report": "."}
    return StrategySpec(id=f"case-{number}", short="a case", trains_stages=False, **(words | rest))


@pytest.mark.parametrize("cards", [2, 8])
@pytest.mark.parametrize("width", [300, 760, 1300])
def test_no_words_are_cut_at_any_width(cards, width, qtbot):
    panel = CasesPanel([spec(number, inputs=(FOLDER,), extra="words") for number in range(cards)])
    qtbot.addWidget(panel)
    panel.resize(width, 2000)
    panel.show()
    qtbot.waitUntil(lambda: panel.cards["case-0"].width() > 100)
    for card in panel.cards.values():
        assert card.height() >= card.heightForWidth(card.width())
        assert card.geometry().right() <= width


@pytest.mark.parametrize(
    ("cards", "room", "columns"),
    [(2, 760, 2), (8, 760, 3), (8, 1300, 4), (4, 760, 2), (8, 300, 1), (0, 760, 1)],
)
def test_cards_lie_in_even_rows(cards, room, columns):
    assert columns_of(cards, room=room) == columns


def test_a_card_says_when_it_is_right_and_what_it_needs():
    assert first_sentence("When it is so. And more.") == "When it is so."
    assert first_sentence("Only one.") == "Only one."
    assert case_words(spec(1)) == ("Case 1", "When it is so.")
    plain = spec(1, plain_title="Few", plain_summary="Learns from few.")
    assert case_words(plain) == ("Few", "Learns from few.")
    optional = FOLDER.model_copy(update={"required": False})
    assert needs_words(spec(1, inputs=(optional,))) == ""
    assert needs_words(spec(1, inputs=(FOLDER,), extra="words", extra_packages=("no_such_package",))) == (
        "needs “Images from there”, the optional part “words”"
    )


def test_an_optional_part_that_is_there_is_not_asked_for():
    assert needs_words(spec(1, extra="words", extra_packages=("json",))) == ""


def test_without_cases_there_is_nothing(qtbot):
    panel = CasesPanel([])
    qtbot.addWidget(panel)
    assert panel.isHidden()


def test_a_case_that_needs_nothing_is_chosen_where_it_stands(fresh_cache, opened, qtbot):
    spec = next(one for one in special_cases() if not any(wanted.required for wanted in one.inputs))
    robot = ModelRobot(ModelPage(opened), qtbot).show(simple=True)
    card = robot.page.simple.cases.cards[spec.id]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert robot.recipe("strategy") == spec.id
    assert robot.page.simple.isVisible()
    assert card.isChecked()
    robot.page.simple.cases.explained.click()
    chapter = robot.page.findChild(WaysDialog)
    assert chapter.text.source().fileName() == f"{spec.id}.md"
    chapter.close()


def test_a_case_asks_for_what_it_needs_in_the_simple_view(monkeypatch, fresh_cache, opened, qtbot):
    with extended(monkeypatch, only_specs=True):
        robot = ModelRobot(ModelPage(opened), qtbot).show(simple=True)
        page = robot.page
        assert list(page.simple.cases.cards) == [one.id for one in special_cases()]
        card = page.simple.cases.cards["toy-strategy"]
        QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
        assert robot.recipe("strategy") == "toy-strategy"
        assert page.simple.isVisible()
        assert not page.strategy.isVisible(), "nobody asked for all settings"
        assert page.needs.isVisible()
        assert page.needs.isAncestorOf(QApplication.focusWidget()), "what is needed can be given at once"
        assert card.isChecked()
        assert not page.simple.by_hand.isVisible()
        # What is still missing there does not keep the choices from being measured.
        assert not page.train_button.isEnabled()
        qtbot.waitUntil(lambda: all(time.text() for time in page.simple.times.values()))
