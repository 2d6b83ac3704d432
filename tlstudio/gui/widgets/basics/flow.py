"""A layout that puts widgets side by side and wraps them into lines."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Widgets at their preferred size, in lines.

    Args:
        spacing: Between widgets and between lines, in pixels.
        centred: Whether the lines lie in the middle of a room that is higher, and not at its top.
    """

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 6, centred: bool = False) -> None:
        super().__init__(parent)
        self._is_centred = centred
        self._items: list[QLayoutItem] = []
        self.setSpacing(spacing)
        self.setContentsMargins(QMargins())

    def addItem(self, item: QLayoutItem) -> None:
        """Append an item; `addWidget` calls this."""
        self._items.append(item)

    def count(self) -> int:
        """The number of items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """The item at an index; None where there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove and return an item; None where there is none."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        """True: a narrow layout is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of all lines at this width."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def expandingDirections(self) -> Qt.Orientation:
        """Return no direction: the layout takes no more room than it needs."""
        return Qt.Orientation(0)

    def setGeometry(self, rect: QRect) -> None:
        """Place the widgets."""
        super().setGeometry(rect)
        if self._is_centred:
            above = max(rect.height() - self._arrange(rect, move=False), 0) // 2
            rect = rect.adjusted(0, above, 0, 0)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """Size with all items in one line."""
        widths = [item.sizeHint().width() for item in self._shown()]
        height = max((item.sizeHint().height() for item in self._shown()), default=0)
        return QSize(sum(widths) + self.spacing() * max(len(widths) - 1, 0), height)

    def minimumSize(self) -> QSize:
        """Size of the largest item alone."""
        size = QSize()
        for item in self._shown():
            size = size.expandedTo(item.minimumSize())
        return size

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, line, height = rect.x(), rect.y(), list[tuple[QLayoutItem, QRect]](), 0

        def end_line() -> None:
            for item, place in line:
                item.setGeometry(place.translated(0, (height - place.height()) // 2))

        for item in self._shown():
            size = item.sizeHint()
            width = min(size.width(), rect.width())
            if x > rect.x() and x + width > rect.right() + 1:
                if move:
                    end_line()
                x, y, line, height = rect.x(), y + height + self.spacing(), [], 0
            line.append((item, QRect(x, y, width, size.height())))
            x += width + self.spacing()
            height = max(height, size.height())
        if move:
            end_line()
        return y + height - rect.y()
