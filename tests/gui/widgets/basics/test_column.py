"""Columns beside the main part of a page."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.column import Column


def test_a_column_grows_half_as_fast_as_the_text(qapp, qtbot):
    column = Column(QLabel("one"), QLabel("two"), width=200, grows=1)
    qtbot.addWidget(column)
    assert column.width() == 200
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme().apply(app, "light", text_scale=1.3)
    assert column.width() == 230
