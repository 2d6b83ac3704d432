"""Cards of which one is chosen."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tlstudio.gui.widgets.basics.choice_card import ChoiceCard, card_label


def test_a_click_on_its_words_chooses_it_and_its_height_follows_the_words(qtbot):
    card = ChoiceCard()
    qtbot.addWidget(card)
    label = card_label("many words " * 20)
    card.body.addWidget(label)
    card.show()
    assert card.heightForWidth(200) > card.heightForWidth(600)
    assert card.heightForWidth(200) >= label.heightForWidth(200 - 28)
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert card.isChecked()
