"""Probabilities in further label columns."""

from __future__ import annotations

from tlstudio.gui.widgets.figures.further_bars import FurtherBars


def test_each_column_has_bars_of_its_own_and_without_any_nothing_is_shown(qtbot):
    further = FurtherBars()
    qtbot.addWidget(further)
    further.show_columns([("health", {"ill": 0.25, "well": 0.75}), ("size", {"big": 1.0})])
    assert further.isVisible()
    assert further.bars["health"].probabilities == {"well": 0.75, "ill": 0.25}
    before = further.bars["size"]
    further.show_columns([("health", {"ill": 0.5, "well": 0.5}), ("size", {"big": 1.0})])
    assert further.bars["size"] is before
    further.show_columns([])
    assert not further.isVisible()
    assert further.bars == {}
