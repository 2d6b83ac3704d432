"""The matrix as counts, by row, sorted, and as a list of pairs."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.pages.evaluate.test_text import evaluation_of
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.pages.evaluate.matrix_card import MatrixCard
from tlstudio.project.runs import RunFolder

RUN = EvaluatedRun(run=RunFolder(Path("run-1")), splits={})
TRUE = [0] * 20 + [1] * 12 + [2] * 4
PREDICTED = [0] * 16 + [2] * 4 + [1] * 11 + [0] + [2, 2, 0, 0]


@pytest.fixture
def card(qtbot) -> MatrixCard:
    made = MatrixCard()
    qtbot.addWidget(made)
    made.resize(460, 420)
    made.show()
    made.show_evaluation(EvaluatedImages(evaluation=evaluation_of(TRUE, PREDICTED), root=Path()), run=RUN)
    return made


def press(chip) -> None:
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)


def texts(card: MatrixCard) -> list[list[str]]:
    model = card.table.model()
    return [[str(model.index(row, column).data()) for column in range(3)] for row in range(3)]


def test_by_row_shares_are_told_except_of_few_images(card):
    assert texts(card) == [["16", "·", "4"], ["1", "11", "·"], ["2", "·", "2"]]
    press(card.by_row)
    assert texts(card) == [["80 %", "·", "20 %"], ["8 %", "92 %", "·"], ["–", "·", "–"]]
    tip = card.table.model().index(0, 2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert tip == "20 % of 20 images of a, predicted as c"
    press(card.counts)
    assert texts(card)[0] == ["16", "·", "4"]


def test_sorted_classes_keep_their_cell(card, qtbot):
    card.choose((1, 0))
    with qtbot.waitSignal(card.cell_chosen) as chosen:
        press(card.sorted)
    assert chosen.args == [1, 0]
    names = [card.table.model().headerData(n, Qt.Orientation.Vertical) for n in range(3)]
    assert names == ["a", "c", "b"]
    index = card.table.currentIndex()
    assert (names[index.row()], names[index.column()]) == ("b", "a")
    with qtbot.waitSignal(card.cell_chosen) as chosen:
        card.table.choose(0, 1)
    assert chosen.args == [0, 2]


def test_pairs_are_listed_and_a_pair_is_chosen(card, qtbot):
    press(card.as_pairs)
    assert [card.pairs.texts(key) for key in card.pairs.row_keys()] == [
        ["a", "c", "4 of 20", "20 %"],
        ["c", "a", "2 of 4", "–"],
        ["b", "a", "1 of 12", "8 %"],
    ]
    assert not card.sorted.isVisible()
    with qtbot.waitSignal(card.cell_chosen) as chosen:
        card.pairs.select_key("2 0")
    assert chosen.args == [2, 0]


def test_another_evaluation_takes_the_place_while_the_pairs_are_shown(card):
    press(card.as_pairs)
    card.pairs.select_key("0 2")
    other = evaluation_of([0, 1], [1, 1], classes=("x", "y"))
    card.show_evaluation(EvaluatedImages(evaluation=other, root=Path()), run=RUN)
    assert [card.pairs.texts(key)[:2] for key in card.pairs.row_keys()] == [["x", "y"]]


def test_a_hundred_classes_of_nine_thousand_images_are_shown_at_once(card):
    rng = np.random.default_rng(0)
    true = np.arange(9000) % 100
    predicted = np.where(rng.random(9000) < 0.7, true, rng.integers(0, 100, 9000))
    names = tuple(f"class {number}" for number in range(100))
    images = EvaluatedImages(evaluation=evaluation_of(true, predicted, classes=names), root=Path())
    card.sorted.setChecked(True)
    started = time.thread_time()
    card.show_evaluation(images, run=RUN)
    card.grab()
    assert time.thread_time() - started < 0.5
