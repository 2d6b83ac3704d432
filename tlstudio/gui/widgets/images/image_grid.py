"""A grid of thousands of images, whose thumbnails are made when they become visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.theme import theme
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.basics.elided import elided
from tlstudio.gui.widgets.basics.model_index import TOP, Index
from tlstudio.gui.widgets.basics.term_tips import as_tip
from tlstudio.gui.widgets.images.thumbnails import Thumbnails
from tlstudio.gui.widgets.images.tile_view import TileView

ITEM = Qt.ItemDataRole.UserRole
SMALLEST, USUAL, LARGEST = 72, 112, 240
GAP = 10
RADIUS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class GridItem:
    """One image of the grid.

    Attributes:
        path: Absolute path of the file.
        caption: In the lower left corner, e.g. the class.
        badge: In the upper right corner, e.g. the split.
        tip: Shown when the pointer rests on the image; also what a screen reader says.
        key: Names the item in signals; unique.
        colour: Of the dot before the caption; no dot when empty.
    """

    path: str
    caption: str = ""
    badge: str = ""
    tip: str = ""
    key: str
    colour: str = ""


class _Items(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.items: Sequence[GridItem] = ()
        self.keys: Sequence[str] = ()
        self.rows: dict[str, int] = {}

    def replace(self, items: Sequence[GridItem], keys: Sequence[str]) -> bool:
        """Replace the items.

        Returns:
            Whether the images themselves changed, not only their captions.
        """
        if keys == self.keys:
            self.items = items
            if keys:
                self.dataChanged.emit(self.index(0), self.index(len(keys) - 1))
            return False
        self.beginResetModel()
        self.items, self.keys = items, keys
        self.rows = dict(zip(keys, range(len(keys)), strict=True))
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = 0) -> Any:
        item = self.items[index.row()]
        if role == ITEM:
            return item
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(item.tip)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = (Path(item.path).name, item.caption, item.badge)
            return ", ".join(word for word in words if word)
        return None


class _Painter(QStyledItemDelegate):
    def __init__(self, grid: ImageGrid) -> None:
        super().__init__(grid)
        self._grid = grid

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return self._grid.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        item: GridItem = index.data(ITEM)
        side = self._grid.thumbnail_side
        rect = QRect(option.rect.left() + GAP // 2, option.rect.top() + GAP // 2, side, side)
        colours = theme().colours
        painter.save()
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform, on=True
        )
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(rect), RADIUS, RADIUS)
        painter.setClipPath(shape)
        painter.fillRect(rect, QColor(colours.line))
        pixmap = self._grid.thumbnails.get(item.path)
        if pixmap is not None:
            painter.drawPixmap(rect, pixmap, _middle_square(pixmap))
        elif self._grid.thumbnails.cannot_show(item.path):
            painter.setPen(QColor(colours.muted))
            ending = Path(item.path).suffix.lstrip(".").upper() or "file"
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"{ending}\nno preview")
        painter.setClipping(False)
        if item.badge:
            self._pill(painter, rect, item.badge, top=True)
        if item.caption:
            self._pill(painter, rect, item.caption, top=False, colour=item.colour)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(colours.accent), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(-1, -1, 1, 1), RADIUS + 1, RADIUS + 1)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.text), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(-4, -4, 4, 4), RADIUS + 3, RADIUS + 3)
        painter.restore()

    def _pill(self, painter: QPainter, rect: QRect, text: str, *, top: bool, colour: str = "") -> None:
        font = self._grid.font()
        font.setPixelSize(theme().pixels(11))
        painter.setFont(font)
        metrics = QFontMetrics(font)
        dot = 12 if colour else 0
        room, middle = rect.width() - 22 - dot, Qt.TextElideMode.ElideMiddle
        shown = elided(text, metrics, width=room, mode=middle)
        width, height = metrics.horizontalAdvance(shown) + 12 + dot, metrics.height() + 2
        left = rect.right() - width - 4 if top else rect.left() + 5
        upper = rect.top() + 5 if top else rect.bottom() - height - 4
        pill = QRect(left, upper, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 222) if top else QColor(0, 0, 0, 175))
        painter.drawRoundedRect(QRectF(pill), 5, 5)
        if colour:
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QRectF(pill.left() + 6, pill.center().y() - 3, 8, 8))
        painter.setPen(QColor("#222222") if top else QColor("#ffffff"))
        painter.drawText(pill.adjusted(6 + dot, 0, -6, 0), Qt.AlignmentFlag.AlignVCenter, shown)


class ImageGrid(TileView):
    """Images side by side. Arrows move, Shift and Ctrl select several, Enter and Space open.

    Args:
        background: Makes the thumbnails.

    Signals:
        activated_key: Enter, Space or a double click on an item.
        selection_changed: Keys of all selected items, in their order.
    """

    activated_key = Signal(str)
    selection_changed = Signal(object)  # as a list, Qt would copy each of many thousand keys

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Images")
        self.setAccessibleDescription("Arrow keys move, Shift and Control select several.")
        # Always there: a bar that comes and goes would change the number of columns it depends on.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().rangeChanged.connect(self._dim_bar)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.thumbnails = Thumbnails(background, side=LARGEST, parent=self)
        self.thumbnails.ready.connect(self._repaint_path)
        self._items = _Items(self)
        self.setModel(self._items)
        self.setItemDelegate(_Painter(self))
        self.thumbnail_side = self._wanted_side = USUAL
        self._fit()
        self.activated.connect(self._activated)
        self.selectionModel().selectionChanged.connect(self._emit_selection)
        theme().changed.connect(self.viewport().update)
        shown_windows().changed.connect(self.viewport().update)

    def set_items(self, items: Sequence[GridItem], *, keys: Sequence[str] | None = None) -> None:
        """Show items; those that were selected stay selected, and the scroll position is kept.

        Args:
            items: In order. Only visible ones are read, so a sequence may make them on access.
            keys: Those of the items; without them every item is read for its key.
        """
        selected, current = self.selected_keys(), self.current_key()
        place = self.verticalScrollBar().value()
        if not self._items.replace(items, [item.key for item in items] if keys is None else list(keys)):
            return
        self._select(selected, current=current)
        self.verticalScrollBar().setValue(place)
        self._emit_selection()

    def items(self) -> Sequence[GridItem]:
        """The items in order."""
        return self._items.items

    def has_key(self, key: str) -> bool:
        """Return whether an item has this key."""
        return key in self._items.rows

    def selected_keys(self) -> list[str]:
        """Keys of the selected items, in their order."""
        keys = self._items.keys
        return [key for run in self.selected_runs() for key in keys[run.start : run.stop]]

    def selected_count(self) -> int:
        """The number of selected items."""
        return sum(len(run) for run in self.selected_runs())

    def is_selected(self, key: str | None) -> bool:
        """Return whether an item with this key exists and is selected."""
        row = self._items.rows.get(key) if key is not None else None
        return row is not None and self.selectionModel().isSelected(self._items.index(row))

    def current_key(self) -> str | None:
        """Key of the item that arrow keys start from."""
        index = self.currentIndex()
        return self._items.keys[index.row()] if index.isValid() else None

    def key_after(self, key: str) -> str | None:
        """Key of the item after this one; None for the last."""
        row = self._items.rows.get(key, len(self._items.keys)) + 1
        return self._items.keys[row] if row < len(self._items.keys) else None

    def key_before(self, key: str) -> str | None:
        """Key of the item before this one; None for the first."""
        row = self._items.rows.get(key, 0) - 1
        return self._items.keys[row] if row >= 0 else None

    def select_key(self, key: str | None) -> None:
        """Select one item alone and scroll to it."""
        if key is not None:
            self.select_keys([key])

    def select_keys(self, keys: Sequence[str]) -> None:
        """Select these items and no others, and scroll to the first; without any of them do nothing."""
        shown = sorted((key for key in keys if key in self._items.rows), key=self._items.rows.__getitem__)
        if shown:
            self._select(shown, current=shown[0])
            self.scrollTo(self.currentIndex())

    def set_thumbnail_side(self, side: int) -> None:
        """Smallest side of the squares, in pixels; they grow until the columns fill the width."""
        self._wanted_side = max(SMALLEST, min(side, LARGEST))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the squares and the number of columns to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self.viewport().width()
        cell = width // max(1, width // (self._wanted_side + GAP))
        if self.gridSize() == QSize(cell, cell):
            return
        self.thumbnail_side = cell - GAP
        self.setGridSize(QSize(cell, cell))
        self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space opens the current item; with Ctrl it selects, as everywhere."""
        key = self.current_key()
        if event.key() == Qt.Key.Key_Space and not event.modifiers() and key is not None:
            self.activated_key.emit(key)
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Disable search by typing: the page uses letters and digits for labels."""

    def _select(self, keys: Sequence[str], *, current: str | None) -> None:
        if current in self._items.rows:
            index = self._items.index(self._items.rows[current])
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        rows = self._items.rows
        self.select_rows(sorted(rows[key] for key in keys if key in rows))

    @Slot()
    def _emit_selection(self) -> None:
        self.selection_changed.emit(self.selected_keys())

    @Slot(int, int)
    def _dim_bar(self, lowest: int, highest: int) -> None:
        """Hide a scroll bar that has nothing to scroll, but keep its room."""
        self.verticalScrollBar().setEnabled(highest > lowest)

    @Slot(QModelIndex)
    def _activated(self, index: QModelIndex) -> None:
        self.activated_key.emit(self._items.keys[index.row()])

    @Slot(str)
    def _repaint_path(self, path: str) -> None:
        for row in self.rows_in_sight():
            if self._items.items[row].path == path:
                self.update(self._items.index(row))


def _middle_square(pixmap: QPixmap) -> QRect:
    side = min(pixmap.width(), pixmap.height())
    return QRect((pixmap.width() - side) // 2, (pixmap.height() - side) // 2, side, side)
