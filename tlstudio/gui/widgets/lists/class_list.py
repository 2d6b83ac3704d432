"""The classes with their colours, number keys and counts; renamed in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
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

from tlstudio.gui.theme import theme

ROW = Qt.ItemDataRole.UserRole
ROW_PIXELS = 29
# The golden angle: neighbours in the list are far apart in colour, however many classes there are.
HUE_STEP = 137.508
FIRST_HUE = 222


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class of the list; `key` is the number key that labels with it, empty beyond nine."""

    name: str
    count: int
    colour: str
    key: str


def class_colour(index: int) -> str:
    """The colour of the class at this place, as `#rrggbb`; the same in light and dark."""
    hue = int(FIRST_HUE + index * HUE_STEP) % 360
    return QColor.fromHsl(hue, (190, 150)[index // 9 % 2], (125, 150, 100)[index % 3]).name()


class ClassList(QListWidget):
    """A list of classes that can be chosen and renamed.

    Signals:
        chosen: A class was clicked, or Enter or Space pressed on it.
        rename_requested: Old and new name.
    """

    chosen = Signal(str)
    rename_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        self.setAccessibleDescription("Enter shows a class's images. F2 renames it.")
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
        theme().changed.connect(self.viewport().update)

    def set_classes(self, classes: Sequence[tuple[str, int]]) -> None:
        """Show these classes with their numbers of images."""
        rows = [
            ClassRow(
                name=name, count=count, colour=class_colour(index), key=str(index + 1) if index < 9 else ""
            )
            for index, (name, count) in enumerate(classes)
        ]
        if [row.name for row in rows] != self.names():
            shown = self.currentItem().data(ROW).name if self.currentItem() else None
            self.clear()
            for row in rows:
                item = QListWidgetItem(row.name, self)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            self.show_chosen(shown)
            self.updateGeometry()
        for index, row in enumerate(rows):
            item = self.item(index)
            item.setData(ROW, row)
            hint = f"Press {row.key} to label the selected images. " if row.key else ""
            images = "1 image" if row.count == 1 else f"{row.count} images"
            item.setToolTip(f"{row.name}: {images}\n{hint}Click to show them, F2 to rename.")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.name}, {images}. {hint}")

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
        """As high as its rows; the layout may give less, then it scrolls."""
        return QSize(170, self.count() * ROW_PIXELS + 4)

    def minimumSizeHint(self) -> QSize:
        """Size of three classes."""
        return QSize(120, min(self.count(), 3) * ROW_PIXELS + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space show the class."""
        wanted = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if event.key() in wanted and self.state() != QAbstractItemView.State.EditingState:
            if self.currentItem() is not None:
                self._clicked(self.currentItem())
            return
        super().keyPressEvent(event)

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
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(colours.accent_soft))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 1, 0, -1), 7, 7)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(colours.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), 7, 7)
            painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(row.colour))
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
        hint = f"[{row.key}]" if row.key else ""
        room = rect.width() - 24 - 40 - metrics.horizontalAdvance(hint) - 8
        name = metrics.elidedText(row.name, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(rect.adjusted(24, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(QColor(colours.muted))
        left = 24 + metrics.horizontalAdvance(name) + 8
        painter.drawText(rect.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, hint)
        painter.restore()
