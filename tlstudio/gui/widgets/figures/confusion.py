"""The confusion table: how many images of each true class got each predicted class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tlstudio.core.percent import percent
from tlstudio.core.wording import count
from tlstudio.evaluation.metric_values import FEWEST_FOR_A_RATE
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.model_index import Index
from tlstudio.gui.widgets.basics.term_tips import as_tip

COMFORTABLE_CELL, LARGEST_CELL = 26, 52
LEAST_CELL = 16
"""Pixels below which a cell is hard to hit, even where its number would be smaller."""
WHOLE_CLASSES = 12
"""Classes up to which the table requests height for all rows, so that the page alone scrolls."""
MIDDLE_FROM = 80
"""Width in pixels from which on names are shortened in their middle."""
UPRIGHT_BELOW = 44
"""Width of columns below which names are written upwards, even if the rows then have to scroll."""
SIDE = 6
"""Room beside a name, so that it does not touch the next one."""
ROWS_HEADING, COLUMNS_HEADING = "true ↓", "predicted →"


class ConfusionTable(QTableView):
    """Rows are true classes, columns predicted ones; a cell opens its images by click, Enter or Space.

    Correct predictions are tinted in the accent colour, wrong ones in orange, each by its share of the row;
    the numbers say the same without colour. Cells shrink to fit, down to the size of their numbers; where
    even those do not fit, they are of a comfortable size and the table scrolls.

    Signals:
        cell_chosen: `(true_index, predicted_index)`.
    """

    cell_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Counts(self)
        self.setModel(self._model)
        self.setItemDelegate(_Cell(self))
        self.setProperty("matrix", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._column_names = _Names(Qt.Orientation.Horizontal, self)
        self.setHorizontalHeader(self._column_names)
        self.setVerticalHeader(_Names(Qt.Orientation.Vertical, self))
        self.setCornerButtonEnabled(False)
        self._corner = _Corner(self)
        self.setAccessibleName("Confusion table")
        self.setAccessibleDescription(
            "Rows are true classes, columns predicted classes. Enter opens the images of a cell."
        )
        self.clicked.connect(self._choose)
        theme().changed.connect(self._fit)

    def set_matrix(self, matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> None:
        """Show a confusion matrix.

        Args:
            matrix: `matrix[i][j]` images of true class i were predicted as j; square.
            classes: Names in the order of the matrix.
        """
        before = self._model.classes, self._least_cell()
        self._model.fill(tuple(tuple(row) for row in matrix), tuple(classes))
        if (self._model.classes, self._least_cell()) != before:
            self._fit()

    def show_by_row(self, by_row: bool) -> None:
        """Show shares of the rows instead of counts; of a row of few images no shares are told."""
        self._model.show_by_row(by_row)
        self._fit()

    def choose(self, true_index: int, predicted_index: int) -> None:
        """Mark a cell, as if it had been clicked."""
        index = self._model.index(true_index, predicted_index)
        self.setCurrentIndex(index)
        self._choose(index)

    def choose_none(self) -> None:
        """Mark no cell."""
        self.setCurrentIndex(QModelIndex())

    def sizeHint(self) -> QSize:
        """Size of all cells at a comfortable size."""
        count = max(2, len(self._model.classes))
        cell = max(COMFORTABLE_CELL, min(LARGEST_CELL, 460 // count))
        names = max(self._longest_name(), self._corner.sizeHint().width())
        header = self._level_height() if names <= cell else names
        return QSize(names + cell * count + 4, header + cell * count + 4)

    def minimumSizeHint(self) -> QSize:
        """Height of all rows of a few classes; of more, and of the columns, the rest scrolls."""
        rows = min(len(self._model.classes), WHOLE_CLASSES) * self._least_cell().height()
        # As much for names above the columns as `_fit` gives them at this height.
        names = min(self._longest_name(), rows * 2 // 3) if self._column_names.is_upright else 0
        return QSize(200, max(140, max(names, self._level_height()) + rows + 4))

    def _least_cell(self) -> QSize:
        """Size of a cell that just holds the largest number of the table, and a name written upwards."""
        metrics = self.fontMetrics()
        largest = max((max(row) for row in self._model.matrix), default=0)
        widest = metrics.horizontalAdvance(percent(1) if self._model.by_row else str(largest))
        return QSize(max(metrics.height(), widest + 4, LEAST_CELL), max(metrics.height() + 2, LEAST_CELL))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cells to the new room."""
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open the marked cell; arrows move, as in any table."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            if self.currentIndex().isValid():
                self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        self.cell_chosen.emit(index.row(), index.column())

    def _longest_name(self) -> int:
        """Width of the longest name with the room beside it."""
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance(name) for name in self._model.classes), default=40)
        return widest + 2 * SIDE + 2

    def _level_height(self) -> int:
        return max(self.fontMetrics().height() + 10, self._corner.sizeHint().height())

    @Slot()
    def _fit(self) -> None:
        """Share out the room: names are cut only where the cells need it more."""
        count = len(self._model.classes)
        if not count:
            return
        longest, width, height = self._longest_name(), self.width() - 4, self.height() - 4
        rows = min(longest, max(60, width * 2 // 5, width - LARGEST_CELL * count))
        rows = max(rows, self._corner.sizeHint().width())
        least = self._least_cell()
        # Where there is room, a column is as wide as its name.
        wide = _share(width - rows, count, least=least.width(), most=max(LARGEST_CELL, longest))
        # Names that are too long for their columns are written upwards, if the rows leave room for them.
        upright = min(longest, max(height * 2 // 5, height - LARGEST_CELL * count))
        rows_fit = height - upright >= least.height() * count
        is_upright = longest > wide and upright > wide and (rows_fit or wide < UPRIGHT_BELOW)
        columns = upright if is_upright else self._level_height()
        # A scroll bar takes room from the other direction.
        if height - columns < least.height() * count:
            width -= self.verticalScrollBar().sizeHint().width()
            wide = _share(width - rows, count, least=least.width(), most=wide)
        if width - rows < least.width() * count:
            height -= self.horizontalScrollBar().sizeHint().height()
        # Where height is short, cells become flat rather than small: the names above stay level.
        most = max(min(wide, LARGEST_CELL), least.height())
        tall = _share(height - columns, count, least=least.height(), most=most)
        self._column_names.is_upright = is_upright
        self.verticalHeader().setFixedWidth(rows)
        self._column_names.setFixedHeight(columns)
        self._column_names.setDefaultSectionSize(wide)
        self._corner.setGeometry(0, 0, rows, columns)
        self.verticalHeader().setDefaultSectionSize(tall)
        self.updateGeometries()  # else scroll bars stay that the cells before needed
        self.updateGeometry()
        self.viewport().update()


class _Counts(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.matrix: tuple[tuple[int, ...], ...] = ()
        self.classes: tuple[str, ...] = ()
        self.by_row = False

    def show_by_row(self, by_row: bool) -> None:
        self.by_row = by_row
        if self.classes:
            last = self.index(len(self.classes) - 1, len(self.classes) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def fill(self, matrix: tuple[tuple[int, ...], ...], classes: tuple[str, ...]) -> None:
        if classes == self.classes and len(matrix) == len(self.matrix):
            self.matrix = matrix
            last = self.index(len(classes) - 1, len(classes) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.matrix, self.classes = matrix, classes
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.matrix)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.classes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        count = self.matrix[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            if self.by_row and count:
                few = sum(self.matrix[index.row()]) < FEWEST_FOR_A_RATE
                return "–" if few else percent(self.share(index.row(), index.column()))
            return str(count) if count else "·"
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(self.sentence(index.row(), index.column()))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.sentence(index.row(), index.column())
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if section >= len(self.classes):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.classes[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            side = "predicted" if orientation == Qt.Orientation.Horizontal else "true"
            return as_tip(f"{side} class: {self.classes[section]}")
        return None

    def sentence(self, true_index: int, predicted_index: int) -> str:
        images = count(self.matrix[true_index][predicted_index], "image")
        true, predicted = self.classes[true_index], self.classes[predicted_index]
        n = sum(self.matrix[true_index])
        if self.by_row and n >= FEWEST_FOR_A_RATE:
            images = f"{percent(self.share(true_index, predicted_index))} of {count(n, 'image')}"
        if true_index == predicted_index:
            return f"{images} of {true}: right"
        return f"{images} of {true}, predicted as {predicted}"

    def share(self, true_index: int, predicted_index: int) -> float:
        """Share of the images of the true class, 0 to 1."""
        return self.matrix[true_index][predicted_index] / max(1, sum(self.matrix[true_index]))


class _Corner(QWidget):
    """The corner of the table, which says what the rows and the columns are."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._small())
        return QSize(metrics.horizontalAdvance(COLUMNS_HEADING) + 8, 2 * metrics.height() + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("surface"))
        painter.setFont(self._small())
        painter.setPen(theme().color("muted"))
        area = self.rect().adjusted(2, 0, -4, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, COLUMNS_HEADING)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, ROWS_HEADING)

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(theme().pixels(11))
        return font


class _Cell(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        counts = index.model()
        assert isinstance(counts, _Counts)
        share = counts.share(index.row(), index.column())
        right = index.row() == index.column()
        tint = theme().color("accent" if right else "fire")
        opacity = (0.15 + 0.7 * share if right else 0.12 + 0.6 * share) if share else 0.0
        rect = option.rect
        back = _blend(theme().color("surface"), tint, opacity)
        painter.save()
        painter.fillRect(rect, back)
        painter.setPen(QPen(theme().color("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setPen(_readable_on(back) if share else theme().color("muted"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(index.data()))
        view = self.parent()
        assert isinstance(view, ConfusionTable)
        if view.currentIndex() == index:
            painter.setPen(QPen(theme().color("accent" if view.hasFocus() else "muted"), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        painter.restore()


class _Names(QHeaderView):
    """A header of class names, elided where there is no room.

    Attributes:
        is_upright: Whether the names are written upwards.
    """

    def __init__(self, orientation: Qt.Orientation, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self.is_upright = False
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(LEAST_CELL)
        self.setSectionsClickable(False)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        name = str(self.model().headerData(section, self.orientation()) or "")
        painter.save()
        painter.fillRect(rect, theme().color("surface"))
        painter.setPen(theme().color("text" if self.orientation() == Qt.Orientation.Vertical else "muted"))
        room = (rect.height() if self.is_upright else rect.width()) - SIDE
        # Long names often differ at their end only; of a short one nothing would be left but its ends.
        mode = Qt.TextElideMode.ElideMiddle if room >= MIDDLE_FROM else Qt.TextElideMode.ElideRight
        shown = self.fontMetrics().elidedText(name, mode, room)
        if self.is_upright:
            painter.translate(rect.left(), rect.bottom())
            painter.rotate(-90)
            area = QRect(4, 0, rect.height() - 4, rect.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        elif self.orientation() == Qt.Orientation.Horizontal:
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)
        else:
            area = rect.adjusted(0, 0, -6, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


def _share(room: int, count: int, *, least: int, most: int) -> int:
    """Share of each cell of a room; a comfortable size where all are to scroll anyway."""
    share = room // count
    return min(share, most) if share >= least else max(COMFORTABLE_CELL, least)


def _blend(under: QColor, over: QColor, opacity: float) -> QColor:
    rest = 1 - opacity
    return QColor.fromRgbF(
        under.redF() * rest + over.redF() * opacity,
        under.greenF() * rest + over.greenF() * opacity,
        under.blueF() * rest + over.blueF() * opacity,
    )


def _readable_on(back: QColor) -> QColor:
    # Perceived brightness (ITU-R BT.601); the threshold is where white and dark text contrast equally.
    brightness = 0.299 * back.redF() + 0.587 * back.greenF() + 0.114 * back.blueF()
    return QColor("#10131a") if brightness > 0.52 else QColor("#ffffff")
