from __future__ import annotations

from PySide6.QtWidgets import QLabel

from tlstudio.gui.widgets.figures.curve_area import CurveArea


def test_the_curves_stand_side_by_side_only_below_the_third_card(qtbot):
    trials, upper, lower = (QLabel(text) for text in ("tries", "loss", "accuracy"))
    area = CurveArea(trials, upper, lower)
    qtbot.addWidget(area)
    area.resize(600, 400)
    area.show()
    assert trials.isHidden()
    assert upper.x() == lower.x()
    assert upper.y() < lower.y()
    area.set_trials_visible(True)
    qtbot.waitUntil(lambda: upper.y() == lower.y())
    assert upper.x() < lower.x()
    assert trials.geometry().bottom() < upper.y()
    assert trials.width() == area.width()
    area.set_trials_visible(False)
    qtbot.waitUntil(lambda: upper.x() == lower.x())
    assert lower.geometry().bottom() > area.height() - 20
