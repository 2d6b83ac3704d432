"""Arranges the curves of the Train page: stacked, or side by side below the trials."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget


class CurveArea(QWidget):
    """Shows two cards of curves, and above them the card of trials when there are any.

    Args:
        trials: Hidden at first.
        upper: The first curve.
        lower: The second.
    """

    def __init__(
        self, trials: QWidget, upper: QWidget, lower: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._trials, self._upper, self._lower = trials, upper, lower
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(14)
        self._grid.addWidget(trials, 0, 0, 1, 2)
        self._grid.setRowStretch(1, 1)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        trials.hide()
        self._place(side_by_side=False)

    def set_trials_visible(self, visible: bool) -> None:
        """Show the third card, with the curves side by side below it, or hide it."""
        if visible == self._trials.isHidden():
            self._trials.setVisible(visible)
            self._place(side_by_side=visible)

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
