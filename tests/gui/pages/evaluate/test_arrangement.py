"""Cards of the Evaluate page find their place."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from tlstudio.gui.pages.evaluate.arrangement import Arrangement, EvaluationCard
from tlstudio.gui.pages.evaluate.matrix_card import MatrixCard
from tlstudio.gui.widgets.basics.card import Card


class Follower(EvaluationCard):
    def show_evaluation(self, images, *, run) -> None:
        """Not asked here."""


def shown(qtbot, *, width: int):
    cards, made = Arrangement(), {}
    for name, place in (
        ("matrix", "errors"),
        ("table", "errors"),
        ("images", "images"),
        ("findings", "trust"),
        ("enough", "further"),
        ("curve", "further"),
    ):
        made[name] = Card(name)
        cards.put(made[name], place, least_height=200)
    made["unsure"] = Follower("unsure")
    cards.put(made["unsure"], "trust", least_height=150)
    page = cards.page(head=QLabel("96 %"))
    qtbot.addWidget(page)
    page.resize(width, 500)
    page.show()
    qtbot.wait(20)
    return (
        page,
        {name: card.mapTo(page.widget(), card.rect().topLeft()) for name, card in made.items()},
        cards,
    )


def test_columns_stand_side_by_side_and_further_cards_below_them(qtbot):
    page, at, cards = shown(qtbot, width=1500)
    assert page.rows == (3, 2)
    assert at["matrix"].x() == at["table"].x() < at["images"].x() < at["findings"].x()
    assert at["findings"].x() == at["unsure"].x()
    assert at["table"].y() > at["matrix"].y()
    assert at["enough"].y() == at["curve"].y() >= at["table"].y() + 200
    assert at["enough"].x() < at["curve"].x()
    assert [type(card) for card in cards.followers] == [Follower]


def test_where_it_is_narrow_all_stand_below_each_other(qtbot):
    page, at, _ = shown(qtbot, width=340)
    assert page.rows == (1, 1, 1, 1, 1)
    assert at["matrix"].y() < at["images"].y() < at["findings"].y() < at["enough"].y() < at["curve"].y()


def test_each_row_has_the_height_that_it_needs_at_least(qtbot):
    cards = Arrangement()
    tall, low = Card("tall"), Card("low")
    words = QLabel("It wraps. " * 200)
    words.setWordWrap(True)
    tall.body.addWidget(words)
    cards.put(tall, "errors", least_height=500)
    cards.put(low, "further", least_height=150)
    page = cards.page(head=QLabel("96 %"))
    qtbot.addWidget(page)
    page.resize(700, 400)
    page.show()
    qtbot.waitUntil(lambda: tall.height() >= 500)
    assert low.height() >= 150


def test_the_matrix_leaves_the_card_below_it_its_room(qtbot):
    cards, matrix, table = Arrangement(), MatrixCard(), Card("table")
    matrix.table.set_matrix([[1] * 6] * 6, "abcdef")
    cards.put(matrix, "errors", least_height=310)
    cards.put(table, "errors", least_height=230)
    page = cards.page(head=QLabel("96 %"))
    qtbot.addWidget(page)
    page.resize(420, 400)
    page.show()
    qtbot.waitUntil(lambda: table.height() > 200)
    assert matrix.height() > 290
