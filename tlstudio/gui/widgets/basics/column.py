"""A column of cards with a fixed width that grows with the text size."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.gui.theme import theme


class Column(QWidget):
    """Widgets stacked from top to bottom.

    Args:
        *widgets: From top to bottom.
        width: In pixels at the usual text size. It grows half as fast as the text, to leave room beside it.
        grows: Which of the widgets takes the room that is left; None leaves it empty at the bottom.
        spacing: Between two widgets, in pixels.
    """

    def __init__(self, *widgets: QWidget, width: int, grows: int | None = None, spacing: int = 12) -> None:
        super().__init__()
        self._usual_width = width
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(spacing)
        for number, widget in enumerate(widgets):
            layout.addWidget(widget, 1 if number == grows else 0)
        if grows is None:
            layout.addStretch(1)
        theme().changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        self.setFixedWidth(round(self._usual_width * (1 + theme().text_scale) / 2))
