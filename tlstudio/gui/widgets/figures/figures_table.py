"""A small table of words and figures: sorted by a click on a column, read and chosen by keyboard."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QModelIndex,
    QObject,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.model_index import TOP, Index
from tlstudio.gui.widgets.basics.term_tips import as_tip, with_terms

KEY = Qt.ItemDataRole.UserRole
ORDER = Qt.ItemDataRole.UserRole + 1
DETAIL = Qt.ItemDataRole.UserRole + 2
ABOVE, LEFT = 6, 11
SIDES = 24
WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


class Column(NamedTuple):
    """A column: its title, its explanation in plain words, and whether it holds figures.

    Technical terms of the title are explained in any case. A column that may be left out is, where width
    is short; the tips of another one have to say the same.
    """

    title: str
    tip: str = ""
    is_figure: bool = False
    may_be_left_out: bool = False


class Cell(NamedTuple):
    """A cell: its text and its sort key; `detail` is a second, quieter line of the first column."""

    text: str
    order: float | str = ""
    tip: str = ""
    colour: str = ""
    detail: str = ""


class _TwoLines(QStyledItemDelegate):
    """Draws a text above its detail, both wrapped to the width of the column."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        size = super().sizeHint(option, index)
        if not index.data(DETAIL):
            return size
        table = self.parent()
        assert isinstance(table, QTableView)
        room = QRect(0, 0, table.columnWidth(index.column()), 1000)
        height = sum(line.height() for _, _, _, line in _lines(index, room, table.font()))
        return QSize(size.width(), height + 2 * ABOVE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if not index.data(DETAIL):
            super().paint(painter, option, index)
            return
        whole = QStyleOptionViewItem(option)
        self.initStyleOption(whole, index)
        whole.text = ""
        style = whole.widget.style() if whole.widget else QApplication.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, whole, painter, whole.widget)
        painter.save()
        for text, font, token, place in _lines(index, whole.rect, whole.font):
            painter.setFont(font)
            painter.setPen(theme().color(token))
            painter.drawText(place, WRAPPED, text)
        painter.restore()


def _lines(index: Index, room: QRect, font: QFont) -> list[tuple[str, QFont, str, QRect]]:
    """Text, font, colour and place of the two lines."""
    bold = QFont(font)
    bold.setBold(True)
    top, lines = room.top() + ABOVE, []
    for role, one, token in ((Qt.ItemDataRole.DisplayRole, bold, "text"), (DETAIL, font, "muted")):
        text = str(index.data(role))
        place = QRect(room.left() + LEFT, top, max(room.width() - 2 * LEFT, 40), 1000)
        place.setHeight(QFontMetrics(one).boundingRect(place, WRAPPED, text).height())
        lines.append((text, one, token, place))
        top += place.height()
    return lines


def _side(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_figure else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class _Rows(QAbstractTableModel):
    """The rows in the order in which they were given."""

    def __init__(self, columns: Sequence[Column], parent: QObject) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: list[tuple[str, tuple[Cell, ...]]] = []

    def replace(self, rows: Sequence[tuple[str, Sequence[Cell]]]) -> None:
        """Show other rows of `(key, cells)`."""
        self.beginResetModel()
        self._rows = [(key, tuple(cells)) for key, cells in rows]
        self.endResetModel()

    def rowCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return with_terms(column.tip, text=column.title)
        return _side(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        key, cells = self._rows[index.row()]
        cell = cells[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.ToolTipRole:
                return as_tip(cell.tip or cell.text)
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (cell.text, cell.detail)))
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(self._columns[index.column()])
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(cell.colour) if cell.colour else None
            case _ if role == KEY:
                return key
            case _ if role == ORDER:
                return cell.order if cell.order != "" else cell.text.casefold()
            case _ if role == DETAIL:
                return cell.detail
        return None


class _Sorted(QSortFilterProxyModel):
    """The rows in the order of a column, or as they were given."""

    def lessThan(self, left: Index, right: Index) -> bool:
        mine, theirs = left.data(ORDER), right.data(ORDER)
        return bool(mine < theirs if type(mine) is type(theirs) else str(mine) < str(theirs))


class FiguresTable(QTableView):
    """A table whose rows have keys.

    Args:
        columns: From left to right; the first one takes the room that is left.
        name: Accessible name.
        sortable: Whether a click on a column sorts.
        first_pixels: Least width of the first column at the usual text size. Where it would be narrower,
            the columns that may be left out are, one after the other.

    Signals:
        row_chosen: Key of the row that was activated by Enter or a double click.
        row_selected: Key of the row the marker is on, empty when there is none.
    """

    row_chosen = Signal(str)
    row_selected = Signal(str)

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        name: str,
        sortable: bool = True,
        first_pixels: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        # A model, because items of a QTableWidget crash PySide when they are replaced.
        self._rows, self._sorted = _Rows(columns, self), _Sorted(self)
        self._sorted.setSourceModel(self._rows)
        self.setModel(self._sorted)
        self._first_pixels = first_pixels
        self._unused: frozenset[int] = frozenset()
        self._widths: dict[int, int] = {}
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        # Long names of classes often differ at their end.
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(sortable)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        # Above the title instead of beside it: beside it every column would be wider by its width.
        header.setStyleSheet(
            "QHeaderView::up-arrow, QHeaderView::down-arrow "
            "{ width: 8px; height: 6px; subcontrol-origin: padding; subcontrol-position: top center; }"
        )
        self.setItemDelegateForColumn(0, _TwoLines(self))
        for number in range(len(self._columns)):
            mode = QHeaderView.ResizeMode.Fixed if number else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(number, mode)
        # Queued: while the signal is sent, the column still has the width of before.
        header.sectionResized.connect(self._section_resized, Qt.ConnectionType.QueuedConnection)
        self.activated.connect(self._activated)
        self.setSortingEnabled(sortable)

    def set_rows(self, rows: Sequence[tuple[str, Sequence[Cell]]]) -> None:
        """Show rows of `(key, cells)`; the selected row stays selected where it is still there."""
        before, scrolled = self.selected_key(), self.verticalScrollBar().value()
        self._rows.replace(rows)
        self._fit_columns()
        self._fit_rows()
        self.verticalScrollBar().setValue(scrolled)
        self.select_key(before)
        self.row_selected.emit(self.selected_key())

    def row_keys(self) -> list[str]:
        """Keys from top to bottom, as sorted now."""
        return [str(self._at(row, 0).data(KEY)) for row in range(self._sorted.rowCount())]

    def selected_key(self) -> str:
        """Key of the marked row; empty when there is none."""
        rows = self.selectionModel().selectedRows()
        return str(self._at(rows[0].row(), 0).data(KEY)) if rows else ""

    def select_key(self, key: str) -> None:
        """Mark a row."""
        keys = self.row_keys()
        if key in keys:
            self.selectRow(keys.index(key))

    def texts(self, key: str) -> list[str]:
        """The texts of the row with this key."""
        row = self.row_keys().index(key)
        return [str(self._at(row, number).data()) for number in range(len(self._columns))]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap details to the new width."""
        super().resizeEvent(event)
        self._leave_out()
        self._fit_rows()

    @Slot(int)
    def _section_resized(self, section: int) -> None:
        if section == 0:
            self._fit_rows()

    def _fit_columns(self) -> None:
        metrics = self.fontMetrics()
        for number, column in enumerate(self._columns[1:], start=1):
            texts = [
                column.title,
                *(str(self._at(row, number).data()) for row in range(self._sorted.rowCount())),
            ]
            self._widths[number] = max(map(metrics.horizontalAdvance, texts)) + SIDES
            self.setColumnWidth(number, self._widths[number])

        self._leave_out()

    def hide_columns(self, unused: Collection[int]) -> None:
        """Hide columns that say nothing now, and show all others for which there is room."""
        self._unused = frozenset(unused)
        self._leave_out()

    def _leave_out(self) -> None:
        shown = [number for number in range(1, len(self._columns)) if number not in self._unused]
        # With room for the scroll bar, shown or not: else it and a column could come and go in turns.
        least = theme().pixels(self._first_pixels) + self.verticalScrollBar().sizeHint().width()
        for number, column in enumerate(self._columns):
            needed = least + sum(self._widths.get(one, 0) for one in shown)
            if column.may_be_left_out and number in shown and needed > self.width():
                shown.remove(number)
        for number in range(1, len(self._columns)):
            self.setColumnHidden(number, number not in shown)

    def _fit_rows(self) -> None:
        if self._sorted.rowCount() and self._at(0, 0).data(DETAIL):
            self.resizeRowsToContents()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the selected row on Enter, whatever the platform's style does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected_key():
            self.row_chosen.emit(self.selected_key())
            return
        super().keyPressEvent(event)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        """Tell which row is marked."""
        super().selectionChanged(selected, deselected)
        self.row_selected.emit(self.selected_key())

    def _at(self, row: int, column: int) -> QModelIndex:
        return self._sorted.index(row, column)

    @Slot(QModelIndex)
    def _activated(self, index: QModelIndex) -> None:
        self.row_chosen.emit(str(index.data(KEY)))
