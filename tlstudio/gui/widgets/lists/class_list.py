"""The classes with their colours, number keys and counts; renamed in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
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
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from tlstudio.core.wording import count
from tlstudio.gui.class_looks import ClassLook
from tlstudio.gui.theme import theme

ROW = Qt.ItemDataRole.UserRole
DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
ROW_PIXELS = 29


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class of the list: how it looks, and its number of images."""

    look: ClassLook
    count: int


class ClassList(QListWidget):
    """A list of classes that can be chosen and renamed.

    Signals:
        chosen: A class was clicked, or Enter or Space pressed on it.
        rename_requested: Old and new name.
        delete_requested: Del was pressed on a class.
        menu_requested: A class, and where on the screen its menu is to open.
    """

    chosen = Signal(str)
    rename_requested = Signal(str, str)
    delete_requested = Signal(str)
    menu_requested = Signal(str, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        self.setAccessibleDescription("Enter shows a class's images. F2 renames it, Del deletes it.")
        self.setItemDelegate(_RowPainter(self))
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.itemClicked.connect(self._clicked)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_for_menu)
        self._drop_row = -1
        theme().changed.connect(self.viewport().update)

    def set_classes(self, looks: Sequence[ClassLook], *, counts: Mapping[str | None, int]) -> None:
        """Show these classes with their numbers of images; a class that is not in `counts` has none."""
        rows = [ClassRow(look=look, count=counts.get(look.name, 0)) for look in looks]
        before, scrolled = self.names(), self.verticalScrollBar().value()
        names = [row.look.name for row in rows]
        if names != before:
            shown = self.currentItem().text() if self.currentItem() else None
            self.clear()
            for row in rows:
                item = QListWidgetItem(row.look.name, self)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.show_chosen(shown)
            self.updateGeometry()
            self.verticalScrollBar().setValue(scrolled)
            new = [name for name in names if name not in before]
            if before and new:
                self.scrollToItem(self.item(names.index(new[-1])))
        for index, row in enumerate(rows):
            item = self.item(index)
            item.setData(ROW, row)
            hint = f"Press {row.look.key} to label the selected images. " if row.look.key else ""
            images = count(row.count, "image")
            item.setToolTip(f"{row.look.name}: {images}\n{hint}Click to show them, F2 to rename.")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.look.name}, {images}. {hint}")

    def images_of(self, name: str) -> int:
        """The number of images of a class; 0 for an unknown one."""
        rows: list[ClassRow] = [self.item(index).data(ROW) for index in range(self.count())]
        return next((row.count for row in rows if row.look.name == name), 0)

    def rename(self, name: str) -> None:
        """Let the person type another name for a class."""
        if name in self.names():
            item = self.item(self.names().index(name))
            self.setCurrentItem(item)
            self.editItem(item)

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

    def names(self) -> list[str]:
        """The classes in order."""
        return [self.item(index).text() for index in range(self.count())]

    def show_chosen(self, name: str | None) -> None:
        """Mark the class whose images are shown; None marks none."""
        names = self.names()
        if name in names:
            self.setCurrentRow(names.index(name))
        else:
            self.clearSelection()
            self.setCurrentRow(-1)

    def sizeHint(self) -> QSize:
        """Size with the height of all rows; the layout may give less, then the list scrolls."""
        return QSize(170, self.count() * ROW_PIXELS + 4)

    def minimumSizeHint(self) -> QSize:
        """Size of three classes."""
        return QSize(120, min(self.count(), 3) * ROW_PIXELS + 4)

    def event(self, event: QEvent) -> bool:
        """Keep Del for the class: on the page it takes labels of images away."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() in DELETE and self.currentItem() is not None:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space show the class, Del asks to delete it."""
        is_editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in DELETE and self.currentItem() is not None and not is_editing:
            self.delete_requested.emit(self.currentItem().text())
            return
        wanted = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in wanted and self.state() != QAbstractItemView.State.EditingState:
            if self.currentItem() is not None:
                self._clicked(self.currentItem())
            return
        super().keyPressEvent(event)

    @Slot(QPoint)
    def _ask_for_menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is not None:
            self.menu_requested.emit(item.text(), self.viewport().mapToGlobal(place))

    @Slot(QListWidgetItem)
    def _clicked(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.text())


class _RowPainter(QStyledItemDelegate):
    def __init__(self, parent: ClassList) -> None:
        super().__init__(parent)
        self._list = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(100, ROW_PIXELS)

    def setModelData(
        self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex
    ) -> None:
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
