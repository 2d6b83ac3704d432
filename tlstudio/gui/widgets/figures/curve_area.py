"""Arranges the curves of the Train page: stacked, or side by side below another figure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget


class CurveArea(QWidget):
    """Shows two cards of curves, and another card above them when there is something in it.

    Args:
        top: Cards of which at most one is visible at a time; hidden at first.
        upper: The first curve.
        lower: The second.
    """

    def __init__(
        self, top: Sequence[QWidget], upper: QWidget, lower: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._top, self._upper, self._lower = tuple(top), upper, lower
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(14)
        self._grid.setRowStretch(1, 1)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        for card in self._top:
            self._grid.addWidget(card, 0, 0, 1, 2)
            card.hide()
        self._place(side_by_side=False)

    def show_top(self, card: QWidget | None) -> None:
        """Show one of the top cards, with the curves side by side below it; None shows the curves alone."""
        if all((one is card) != one.isHidden() for one in self._top):
            return
        for one in self._top:
            one.setVisible(one is card)
        self._place(side_by_side=card is not None)

    def _place(self, *, side_by_side: bool) -> None:
        for curve in (self._upper, self._lower):
            self._grid.removeWidget(curve)
        if side_by_side:
            self._grid.addWidget(self._upper, 1, 0)
            self._grid.addWidget(self._lower, 1, 1)
        else:
            self._grid.addWidget(self._upper, 1, 0, 1, 2)
            self._grid.addWidget(self._lower, 2, 0, 1, 2)
        self._grid.setRowStretch(0, 1 if side_by_side else 0)
        self._grid.setRowStretch(2, 0 if side_by_side else 1)
