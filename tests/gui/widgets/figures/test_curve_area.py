from __future__ import annotations

from PySide6.QtWidgets import QLabel

from tlstudio.gui.widgets.figures.curve_area import CurveArea


def test_the_curves_stand_side_by_side_only_below_another_card(qtbot):
    trials, learning, upper, lower = (QLabel(text) for text in ("tries", "learning", "loss", "accuracy"))
    area = CurveArea((trials, learning), upper, lower)
    qtbot.addWidget(area)
    area.resize(600, 400)
    area.show()
    assert trials.isHidden()
    assert learning.isHidden()
    assert upper.x() == lower.x()
    assert upper.y() < lower.y()
    for shown, hidden in ((trials, learning), (learning, trials)):
        area.show_top(shown)
        qtbot.waitUntil(lambda: upper.y() == lower.y())
        assert upper.x() < lower.x()
        qtbot.waitUntil(lambda card=shown: card.geometry().bottom() < upper.y())
        assert shown.width() == area.width()
        assert hidden.isHidden()
    area.show_top(None)
    qtbot.waitUntil(lambda: upper.x() == lower.x())
    assert lower.geometry().bottom() > area.height() - 20
