"""Images that only one of two runs gets right."""

from __future__ import annotations

from pathlib import Path

from tlstudio.gui.pages.compare.pair_dialog import PairDialog
from tlstudio.gui.pages.compare.pairs_card import Pair, PairsCard

PAIRS = [
    Pair(file=Path(name), path=name, label="ants", answers=(("Run 2", "ants"), ("Run 1", "bees")))
    for name in ("a.jpg", "b.jpg")
]


def test_each_image_says_what_it_is_and_what_it_was_taken_for(app_state, qtbot):
    card = PairsCard(app_state.background)
    qtbot.addWidget(card)
    card.show_pairs(PAIRS, title="Right only in Run 2")
    assert card.title == "Right only in Run 2 (2)"
    assert [item.caption for item in card.grid.items()] == ["ants → bees"] * 2
    assert "Run 1 says bees." in card.grid.items()[0].tip
    card.show_pairs((), title="Right only in Run 2", hint="None.")
    assert card.title == "Right only in Run 2"
    assert card.hint.text() == "None."
    assert not card.grid.isVisibleTo(card)


def test_the_large_view_begins_at_the_chosen_image(app_state, qtbot):
    dialog = PairDialog(app_state.background)
    qtbot.addWidget(dialog)
    dialog.show_pairs(PAIRS, path="b.jpg")
    assert dialog.name.text() == "b.jpg"
    assert dialog.back.isEnabled()
    assert not dialog.next.isEnabled()
