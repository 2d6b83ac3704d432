"""A view of square tiles in lines. Positions are computed, not stored, so 100 000 items are as quick as ten.

`QListView` in icon mode asks the model about every item whenever the width, the size or the items change: a
tenth of a second for 60 000. Here nothing is done for an item that is not visible. It stays a `QListView`,
because Qt's support for screen readers knows that class.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QRegion
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QRubberBand,
    QStyle,
    QStyleOptionRubberBand,
    QStyleOptionViewItem,
    QWidget,
)

from tlstudio.gui.widgets.basics.model_index import Index


class TileView(QListView):
    """Shows a list model as square tiles of `gridSize()`, as many per line as fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.ListMode)
        self.setMovement(QListView.Movement.Static)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setSelectionRectVisible(True)
        self._band = QRect()

    # Geometry

    @property
    def columns(self) -> int:
        """The number of squares in a line."""
        return max(1, self.viewport().width() // self._cell)

    def rows_in_sight(self, area: QRect | None = None) -> range:
        """Rows of the model whose squares may be visible, all columns of each line.

        Args:
            area: Of the viewport; the whole one when None.
        """
        area = area or self.viewport().rect()
        first = (area.top() + self.verticalOffset()) // self._cell * self.columns
        last = (area.bottom() + self.verticalOffset()) // self._cell * self.columns + self.columns
        return range(max(0, first), min(last, self._count))

    def visualRect(self, index: Index) -> QRect:
        """The rectangle of a square in the viewport, visible or not."""
        return self._rect(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The square at a point of the viewport."""
        column, line = point.x() // self._cell, (point.y() + self.verticalOffset()) // self._cell
        row = line * self.columns + column
        is_inside = 0 <= column < self.columns and 0 <= row < self._count
        return self.model().index(row, 0) if is_inside else QModelIndex()

    def horizontalOffset(self) -> int:
        """0: the view does not scroll sideways."""
        return 0

    def verticalOffset(self) -> int:
        """Number of pixels scrolled away at the top."""
        return self.verticalScrollBar().value()

    def doItemsLayout(self) -> None:
        """Update the scroll bar; positions are computed, so nothing is laid out."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        """Let the scroll bar reach the last line."""
        QAbstractItemView.updateGeometries(self)
        lines = -(-self._count // self.columns)
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setSingleStep(self._cell // 2)
        bar.setPageStep(height)
        bar.setRange(0, max(0, lines * self._cell - height))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted; only the new strip is painted."""
        self.viewport().scroll(dx, dy)

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Scroll to a square, as little as possible unless `hint` says where it shall be."""
        if not index.isValid():
            return
        self.executeDelayedItemsLayout()
        rect, height = self._rect(index.row()), self.viewport().height()
        hints = QAbstractItemView.ScrollHint
        if hint == hints.PositionAtCenter:
            move = rect.center().y() - height // 2
        elif hint == hints.PositionAtTop or (hint == hints.EnsureVisible and rect.top() < 0):
            move = rect.top()
        elif hint == hints.PositionAtBottom or rect.bottom() >= height:
            move = min(rect.bottom() + 1 - height, rect.top())
        else:
            return
        self.verticalScrollBar().setValue(self.verticalOffset() + move)

    @property
    def _cell(self) -> int:
        return max(1, self.gridSize().width())

    @property
    def _count(self) -> int:
        model: QAbstractItemModel | None = self.model()
        return 0 if model is None else model.rowCount()

    def _rect(self, row: int) -> QRect:
        line, column = divmod(row, self.columns)
        return QRect(column * self._cell, line * self._cell - self.verticalOffset(), self._cell, self._cell)

    # Moving and selecting

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, _modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Left and right continue in the previous and next line; up and down stay in the column."""
        last = self._count - 1
        if last < 0:
            return QModelIndex()
        actions = QAbstractItemView.CursorAction
        current = self.currentIndex()
        if not current.isValid():
            return self.model().index(last if action == actions.MoveEnd else 0, 0)
        row, columns = current.row(), self.columns
        page = max(1, self.viewport().height() // self._cell) * columns
        wanted = {
            actions.MoveLeft: row - 1,
            actions.MovePrevious: row - 1,
            actions.MoveRight: row + 1,
            actions.MoveNext: row + 1,
            actions.MoveUp: row - columns if row >= columns else row,
            # Below the last full line there may be nothing in this column: then the last one.
            actions.MoveDown: row + columns if row // columns < last // columns else row,
            actions.MovePageUp: row - page if row >= page else row % columns,
            actions.MovePageDown: row + page,
            actions.MoveHome: 0,
            actions.MoveEnd: last,
        }[action]
        return self.model().index(max(0, min(wanted, last)), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select what the rubber band touches while the mouse draws one, else all between two corners."""
        if self.state() == QAbstractItemView.State.DragSelectingState:
            self._band = rect.translated(0, self.verticalOffset())
            self.viewport().update()
            self.selectionModel().select(self._selection(self._runs_in(rect.normalized())), command)
            return
        ends = [self.indexAt(point).row() for point in (rect.topLeft(), rect.bottomRight())]
        run = [] if -1 in ends else [range(min(ends), max(ends) + 1)]
        self.selectionModel().select(self._selection(run), command)

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """The whole viewport: faster than the rectangles of many thousand squares."""
        return QRegion(self.viewport().rect())

    def selectAll(self) -> None:
        """Select all rows as one range; Qt's own version would visit every item."""
        if self._count:
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().select(self._selection([range(self._count)]), flag)

    def select_rows(self, rows: Iterable[int]) -> None:
        """Select these rows and no other; the current item stays.

        Args:
            rows: In ascending order.
        """
        runs: list[range] = []
        for row in rows:
            if runs and runs[-1].stop == row:
                runs[-1] = range(runs[-1].start, row + 1)
            else:
                runs.append(range(row, row + 1))
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(self._selection(runs), flag)

    def selected_runs(self) -> list[range]:
        """Selected rows as ranges without gaps, in ascending order."""
        selection = self.selectionModel().selection()
        parts = [selection.at(number) for number in range(selection.count())]
        runs = [range(part.top(), part.bottom() + 1) for part in parts]
        return sorted(runs, key=lambda run: run.start)

    def _selection(self, runs: Iterable[range]) -> QItemSelection:
        selection, model = QItemSelection(), self.model()
        for run in runs:
            selection.append(QItemSelectionRange(model.index(run.start, 0), model.index(run.stop - 1, 0)))
        return selection

    def _runs_in(self, rect: QRect) -> list[range]:
        first, last = rect.left() // self._cell, min(rect.right() // self._cell, self.columns - 1)
        rows = self.rows_in_sight(rect)
        runs = []
        for line in range(rows.start, rows.stop, self.columns):
            run = range(max(line, line + first), min(line + last + 1, rows.stop))
            if run:
                runs.append(run)
        return runs

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the visible squares."""
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        states = QStyle.StateFlag
        plain = option.state & ~(states.State_Selected | states.State_HasFocus)
        selection, model, delegate = self.selectionModel(), self.model(), self.itemDelegate()
        focused = self.currentIndex().row() if self.hasFocus() or self.viewport().hasFocus() else -1
        option.palette.setCurrentColorGroup(
            QPalette.ColorGroup.Active if self.isActiveWindow() else QPalette.ColorGroup.Inactive
        )
        for row in self.rows_in_sight(event.rect()):
            rect = self._rect(row)
            if not rect.intersects(event.rect()):
                continue
            index = model.index(row, 0)
            option.rect = rect
            option.state = plain
            if selection.isSelected(index):
                option.state |= states.State_Selected
            if row == focused:
                option.state |= states.State_HasFocus
            delegate.paint(painter, option, index)
        if self.state() == QAbstractItemView.State.DragSelectingState and not self._band.isEmpty():
            self._paint_band(painter)
        painter.end()

    def _paint_band(self, painter: QPainter) -> None:
        option = QStyleOptionRubberBand()
        option.initFrom(self)
        option.shape = QRubberBand.Shape.Rectangle
        option.opaque = False
        option.rect = self._band.translated(0, -self.verticalOffset()) & self.viewport().rect()
        self.style().drawControl(QStyle.ControlElement.CE_RubberBand, option, painter, self)
