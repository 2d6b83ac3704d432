"""Tips that explain technical terms."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolTip, QVBoxLayout, QWidget

from tlstudio.core.glossary import meaning
from tlstudio.gui.widgets.basics.term_tips import LINE_CHARACTERS, TermTips, as_tip, visible_text, with_terms


def test_a_tip_is_followed_by_the_meaning_of_the_terms():
    tip = with_terms("Stops early.", text="Epochs, patience")
    assert tip == f"Stops early.\nEpoch: {meaning('epoch')}"
    assert with_terms("", text="Nothing technical") == ""


def test_what_the_tip_says_already_is_not_repeated():
    assert with_terms(meaning("epoch"), text="epoch 3").count(meaning("epoch")) == 1


def test_many_terms_are_named_and_long_lines_broken():
    tip = with_terms("word " * 40, text="backbone, head, stage, epoch, loss, dropout, seed")
    assert max(map(len, tip.splitlines())) <= LINE_CHARACTERS
    assert tip.endswith("Loss, Dropout, Seed.")


def test_names_that_look_like_markup_are_shown_as_they_are():
    assert as_tip("Ants & bees < 3") == "Ants & bees < 3"
    assert "&lt;h1&gt;Big&lt;/h1&gt;" in as_tip("<h1>Big</h1>: 3 images")


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    rows = QVBoxLayout(window)
    window.plain, window.own = QLabel("The <b>loss</b> falls"), QPushButton("Change the s&eed")
    window.own.setToolTip("Its own tip")
    for widget in (window.plain, window.own):
        rows.addWidget(widget)
    TermTips(window)
    window.show()
    return window


def rest_pointer(widget: QWidget) -> str:
    QToolTip.hideText()
    place = widget.rect().center()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    return QToolTip.text()


def test_a_label_without_a_tip_explains_its_terms(window):
    assert rest_pointer(window.plain) == with_terms("", text="loss")
    assert rest_pointer(window.own) == "Its own tip"
    QToolTip.hideText()


def test_visible_text_is_what_is_read(window):
    assert visible_text(window.plain).split() == ["The", "loss", "falls"]
    assert visible_text(window.own) == "Change the seed"
    assert visible_text(None) == ""
