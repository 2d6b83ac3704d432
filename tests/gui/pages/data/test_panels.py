"""The cards at the left of the Data page."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from tlstudio.gui.pages.data.filter import Counts
from tlstudio.gui.pages.data.panels import FilterGroup, SplitCard


@pytest.mark.parametrize("given", [False, True])
def test_copies_are_said_to_stay_together_only_where_the_app_divides(given, qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    card = SplitCard(FilterGroup(parent), parent)
    sides = {"train": 4, "validation": 1, "test": 1}
    counted = Counts(by_class={}, by_split=sides, grouped=False, given=given)
    card.set_split(counted, notes=["They came with the images."])
    assert ("stay together" in card.note.text()) is not given
    assert "They came with the images." in card.note.text()
