"""The card about the folders."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.core.dataset import DataNote
from tlstudio.gui.pages.data.layout_card import LayoutCard

DIVISION = DataNote(code="division", message="train and test are a division.", choices=("deepest", "top"))
PLACES = DataNote(code="places", message="A and B are places.", choices=("top",), groups="^([^/]+)/")


@pytest.fixture
def card(qtbot) -> LayoutCard:
    card = LayoutCard()
    qtbot.addWidget(card)
    return card


def words(card: LayoutCard) -> list[str]:
    buttons = [card.keep, card.groups, *card.choices.values()]
    return [button.text().replace("&", "") for button in buttons if button.isVisibleTo(card)]


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_it_is_there_only_while_there_is_something_to_say(card):
    assert card.isHidden()
    card.show_note(DIVISION)
    assert (card.isHidden(), card.words.text()) == (False, DIVISION.message)
    card.show_note(None)
    assert card.isHidden()


def test_it_offers_what_makes_sense_for_the_note(card):
    card.show_note(DIVISION)
    assert words(card) == ["That is right", "Each folder is a class", "Divide anew"]
    card.show_note(PLACES)
    assert words(card) == ["That is right", "Keep each together", "Each folder is a class"]
    card.show_note(DataNote(code="taxonomy", message="m.", choices=("deepest",)))
    assert words(card) == ["That is right", "Innermost folders"]


def test_nothing_is_cut_in_a_narrow_card(qtbot):
    card = LayoutCard()
    holder = QWidget()
    qtbot.addWidget(holder)
    column = QVBoxLayout(holder)
    column.addWidget(card)
    column.addWidget(QWidget(), 1)
    card.show_note(DataNote(code="division", message="word " * 60, choices=("deepest", "top")))
    holder.resize(300, 700)
    holder.show()
    qtbot.waitUntil(lambda: card.height() >= card.heightForWidth(card.width()))
    assert card.words.height() >= card.words.heightForWidth(card.words.width())
    last = card.choices["deepest"]
    assert last.mapTo(card, last.rect().bottomRight()).y() < card.height()
    assert card.height() < 500  # and the rest of the room is left to the images


def test_each_button_says_what_was_chosen(card, qtbot):
    card.show_note(PLACES)
    card.show()
    with qtbot.waitSignal(card.kept) as kept:
        click(card.keep)
    with qtbot.waitSignal(card.groups_requested) as groups:
        click(card.groups)
    with qtbot.waitSignal(card.choice_requested) as choice:
        click(card.choices["top"])
    assert [signal.args for signal in (kept, groups, choice)] == [["places"], ["^([^/]+)/"], ["top"]]
