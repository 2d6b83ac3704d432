"""Holds a table so high that no row is cut."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTableView, QWidget


class WholeRows(QWidget):
    """Gives a table the whole rows that fit, and leaves what is less than a row empty below it.

    Args:
        table: Its rows are equally high.
        rows: It asks for room for at most so many.
    """

    def __init__(self, table: QTableView, *, rows: int) -> None:
        super().__init__()
        self.setProperty("plain", True)
        self._table, self._rows = table, rows
        table.setParent(self)
        table.model().modelReset.connect(self._fit)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the table to the new size."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Room for three rows, or all of fewer."""
        return QSize(self._table.minimumSizeHint().width(), self._height(3))

    def sizeHint(self) -> QSize:
        """Room for all rows, as far as it asks for them."""
        return QSize(self._table.sizeHint().width(), self._height(self._rows))

    @Slot()
    def _fit(self) -> None:
        self.updateGeometry()
        rows = max(1, (self.height() - self._height(0)) // self._table.rowHeight(0)) if self._count else 1
        height = self.height() if rows >= self._count else self._height(rows)
        self._table.setGeometry(0, 0, self.width(), height)

    @property
    def _count(self) -> int:
        return self._table.model().rowCount()

    def _height(self, rows: int) -> int:
        """The height of so many rows, or of all, below the header."""
        frame = 2 * self._table.frameWidth()
        rows = min(rows, self._count)
        return self._table.horizontalHeader().sizeHint().height() + frame + rows * self._table.rowHeight(0)
