"""The classes with their colours, number keys and counts; renamed in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from tlstudio.core.wording import count
from tlstudio.gui.class_looks import ClassLook
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.model_index import TOP, Index
from tlstudio.gui.widgets.basics.term_tips import as_tip

ROW = Qt.ItemDataRole.UserRole
DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
ROW_PIXELS = 29


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class of the list: how it looks, and its number of images."""

    look: ClassLook
    count: int


class _Classes(QAbstractListModel):
    """The rows of the list."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[ClassRow] = []

    def rowCount(self, parent: Index = TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.look.name
        hint = f"Press {row.look.key} to label the selected images. " if row.look.key else ""
        images = count(row.count, "image")
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(f"{row.look.name}: {images}\n{hint}Click to show them, F2 to rename.")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.look.name}, {images}. {hint}"
        return None

    def set_rows(self, rows: list[ClassRow]) -> None:
        """Show these rows; the current row and the scroll bar stay when only counts or looks changed."""
        if [row.look.name for row in rows] == [row.look.name for row in self.rows]:
            self.rows = rows
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()


class ClassList(QListView):
    """A list of classes that can be chosen and renamed.

    Signals:
        chosen: A class was clicked, or Enter or Space pressed on it.
        current_changed: True once the marker is on a class, False once it is on none.
        rename_requested: Old and new name.
        delete_requested: Del was pressed on a class.
        menu_requested: A class, and where on the screen its menu is to open.
    """

    chosen = Signal(str)
    current_changed = Signal(bool)
    rename_requested = Signal(str, str)
    delete_requested = Signal(str)
    menu_requested = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        self.setAccessibleDescription("Enter shows a class's images. F2 renames it, Del deletes it.")
        # A model, because items of a QListWidget crash PySide when the list is cleared.
        self._classes = _Classes(self)
        self.setModel(self._classes)
        self.setItemDelegate(_RowPainter(self))
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.clicked.connect(self._clicked)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_for_menu)
        self._drop_row = -1
        theme().changed.connect(self.viewport().update)

    def set_classes(self, looks: Sequence[ClassLook], *, counts: Mapping[str | None, int]) -> None:
        """Show these classes with their numbers of images; a class that is not in `counts` has none."""
        before, shown = self.names(), self.current_class()
        scrolled = self.verticalScrollBar().value()
        self._classes.set_rows([ClassRow(look=look, count=counts.get(look.name, 0)) for look in looks])
        names = self.names()
        if names == before:
            return
        self.show_chosen(shown)
        self.current_changed.emit(self.currentIndex().isValid())
        self.updateGeometry()
        self.verticalScrollBar().setValue(scrolled)
        new = [name for name in names if name not in before]
        if before and new:
            self.scrollTo(self.index_of(new[-1]))

    def rows(self) -> list[ClassRow]:
        """The classes in order, with their numbers of images."""
        return list(self._classes.rows)

    def names(self) -> list[str]:
        """The names of the classes in order."""
        return [row.look.name for row in self._classes.rows]

    def images_of(self, name: str) -> int:
        """The number of images of a class; 0 for an unknown one."""
        return next((row.count for row in self._classes.rows if row.look.name == name), 0)

    def index_of(self, name: str) -> QModelIndex:
        """The place of a class in the model; invalid for an unknown one."""
        names = self.names()
        return self._classes.index(names.index(name)) if name in names else QModelIndex()

    def current_class(self) -> str | None:
        """The class that the marker is on."""
        return self._name(self.currentIndex())

    def class_at(self, place: QPoint) -> str | None:
        """The class at a place of the viewport."""
        return self._name(self.indexAt(place))

    def rename(self, name: str) -> None:
        """Let the person type another name for a class."""
        index = self.index_of(name)
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    @property
    def drop_row(self) -> int:
        """The row that dragged images would be dropped on; -1 for none."""
        return self._drop_row

    def show_drop_on(self, name: str | None) -> None:
        """Mark the class that dragged images would be dropped on; None marks none."""
        row = self.names().index(name) if name in self.names() else -1
        if row != self._drop_row:
            self._drop_row = row
            self.viewport().update()

    def show_chosen(self, name: str | None) -> None:
        """Mark the class whose images are shown; None marks none."""
        index = self.index_of(name) if name is not None else QModelIndex()
        if not index.isValid():
            self.clearSelection()
        self.setCurrentIndex(index)

    def sizeHint(self) -> QSize:
        """Size with the height of all rows; the layout may give less, then the list scrolls."""
        return QSize(170, len(self._classes.rows) * ROW_PIXELS + 4)

    def minimumSizeHint(self) -> QSize:
        """Size of three classes."""
        return QSize(120, min(len(self._classes.rows), 3) * ROW_PIXELS + 4)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell whether a class is marked."""
        super().currentChanged(current, previous)
        self.current_changed.emit(current.isValid())

    def event(self, event: QEvent) -> bool:
        """Keep Del for the class: on the page it takes labels of images away."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() in DELETE and self.currentIndex().isValid():
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space show the class, Del asks to delete it."""
        name = self.current_class()
        if name is not None and self.state() != QAbstractItemView.State.EditingState:
            if event.key() in DELETE:
                self.delete_requested.emit(name)
                return
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
                self.chosen.emit(name)
                return
        super().keyPressEvent(event)

    @Slot(QPoint)
    def _ask_for_menu(self, place: QPoint) -> None:
        name = self.class_at(place)
        if name is not None:
            self.menu_requested.emit(name, self.viewport().mapToGlobal(place))

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self._name(index))

    def _name(self, index: QModelIndex) -> str | None:
        return self._classes.rows[index.row()].look.name if index.isValid() else None


class _RowPainter(QStyledItemDelegate):
    def __init__(self, parent: ClassList) -> None:
        super().__init__(parent)
        self._list = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(100, ROW_PIXELS)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        # The row changes only once the project says so.
        assert isinstance(editor, QLineEdit)
        old, new = str(index.data()), editor.text().strip()
        if new and new != old:
            self._list.rename_requested.emit(old, new)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        row: ClassRow = index.data(ROW)
        colours = theme().colours
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = option.rect
        painter.setPen(Qt.PenStyle.NoPen)
        if index.row() == self._list.drop_row:
            painter.setBrush(QColor(colours.accent_soft))
            painter.setPen(QColor(colours.accent))
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), 7, 7)
            painter.setPen(Qt.PenStyle.NoPen)
        elif option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(colours.accent_soft))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 1, 0, -1), 7, 7)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), 7, 7)
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(row.look.colour))
        painter.drawRoundedRect(QRectF(rect.left() + 7, rect.center().y() - 4, 10, 10), 3, 3)
        bold = QFont(option.font)
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        count_rect = rect.adjusted(0, 0, -8, 0)
        painter.drawText(
            count_rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(row.count)
        )
        painter.setFont(option.font)
        metrics = option.fontMetrics
        hint = f"[{row.look.key}]" if row.look.key else ""
        room = rect.width() - 24 - 40 - metrics.horizontalAdvance(hint) - 8
        name = metrics.elidedText(row.look.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(rect.adjusted(24, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(QColor(colours.muted))
        left = 24 + metrics.horizontalAdvance(name) + 8
        painter.drawText(rect.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, hint)
        painter.restore()
