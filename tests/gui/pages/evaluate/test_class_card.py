"""Every rate of a class beside its number of images; none of fewer than ten."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.pages.evaluate.test_matrix_card import PREDICTED, RUN, TRUE
from tests.gui.pages.evaluate.test_text import evaluation_of
from tlstudio.gui.pages.evaluate.class_card import ClassCard
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages


@pytest.fixture
def card(qtbot) -> ClassCard:
    made = ClassCard()
    qtbot.addWidget(made)
    made.resize(460, 300)
    made.show()
    made.show_evaluation(EvaluatedImages(evaluation=evaluation_of(TRUE, PREDICTED), root=Path()), run=RUN)
    return made


def test_rates_carry_their_n_and_few_images_only_counts(card):
    rows = {key: card.table.texts(key) for key in card.table.row_keys()}
    assert rows["a"] == ["a", "80 % of 20", "84 % of 19", "0.82"]
    assert rows["b"] == ["b", "92 % of 12", "100 % of 11", "0.96"]
    assert rows["c"] == ["c", "2 of 4", "2 of 6", "–"]


def test_the_tip_tells_the_interval(card):
    index = card.table.model().index(0, 1)
    assert index.data(Qt.ItemDataRole.ToolTipRole).startswith("16 of 20, 95 % interval 58–92")


def test_a_click_on_a_row_chooses_its_class(card, qtbot):
    place = card.table.visualRect(card.table.model().index(1, 0)).center()
    with qtbot.waitSignal(card.class_chosen) as chosen:
        QTest.mouseClick(card.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [1]
