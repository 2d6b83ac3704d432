"""Whatever technical term a person reads in the window is explained where it stands."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView

from tests.gui.full_window import build_window, show_page, tip_at, visible_widgets
from tlstudio.core.glossary import terms_in
from tlstudio.gui.remembered import remember
from tlstudio.gui.steps import PAGES
from tlstudio.gui.widgets.basics.term_tips import visible_text


@pytest.mark.parametrize("view", ["simple", "all"])
def test_every_term_on_every_page_has_a_tip(opened, qtbot, view):
    remember("model view", view)
    window = build_window(opened, qtbot, classes=2, size=(1440, 900))
    unexplained, found = [], set()
    for page in PAGES if view == "all" else ("model",):
        show_page(window, page, qtbot)
        for widget in visible_widgets(window):
            for entry in terms_in(visible_text(widget)):
                found.add(entry.title)
                tip = tip_at(widget)
                if entry.meaning not in tip and f"{entry.title}" not in tip.partition("Also in Help")[2]:
                    unexplained.append((page, entry.title, type(widget).__name__, visible_text(widget)[:60]))
    assert unexplained == []
    if view == "all":
        assert {"Backbone", "Head", "Stage", "Strategy", "Dropout"} <= found


def test_the_plain_words_of_the_headline_name_their_measures(opened, qtbot):
    window = build_window(opened, qtbot, classes=2, size=(1440, 900))
    headline = show_page(window, "evaluate", qtbot).view.headline
    tips = " ".join(tip_at(widget) for widget in visible_widgets(headline))
    assert all(f"{name}:" in tips for name in ("Balanced accuracy", "F1", "ECE"))


def test_the_columns_of_the_table_per_class_are_explained(opened, qtbot):
    window = build_window(opened, qtbot, classes=2, size=(1440, 900))
    table = show_page(window, "evaluate", qtbot).view.per_class
    assert isinstance(table.horizontalHeader(), QHeaderView)
    for column in range(table.model().columnCount()):
        title, tip = (
            table.model().headerData(column, Qt.Orientation.Horizontal, role)
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        )
        assert all(entry.meaning in " ".join(tip.split()) for entry in terms_in(title)), title
