"""Layouts for windows of any size and text of any size: parts fold below each other, and pages scroll."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)

from tlstudio.gui.theme import theme

MARGIN_PIXELS, SPACING_PIXELS = 16, 14


class Stack(QWidget):
    """Widgets below each other.

    Args:
        *widgets: From top to bottom.
        grows: Which of them takes the room that is left; None leaves it empty at the bottom.
        spacing: Between two of them, in pixels.
        shrinks: Whether they shrink to their least height before what holds them scrolls, as suits lists that
            scroll themselves.
    """

    def __init__(
        self, *widgets: QWidget, grows: int | None = None, spacing: int = 12, shrinks: bool = False
    ) -> None:
        super().__init__()
        self._shrinks = shrinks
        self.setProperty("plain", True)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(spacing)
        for number, widget in enumerate(widgets):
            self.rows.addWidget(widget, int(number == grows))
        if grows is None:
            self.rows.addStretch(1)

    def heightForWidth(self, width: int) -> int:
        """The height that is asked for of what holds it."""
        rows = self.rows
        return rows.totalMinimumHeightForWidth(width) if self._shrinks else rows.totalHeightForWidth(width)


def scrolling(inside: QWidget, *, name: str) -> QScrollArea:
    """A frameless area that scrolls a widget up and down where height is short.

    Args:
        inside: As wide as the area.
        name: Accessible name.
    """
    area = QScrollArea()
    _make_plain(area, name=name)
    area.setWidget(inside)
    return area


def _make_plain(area: QScrollArea, *, name: str) -> None:
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)


class FoldingRow(QWidget):
    """Two widgets at the left and right end of a row; below each other where they do not fit side by side."""

    def __init__(self, left: QWidget, right: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left, self._right = left, right
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(left, 1)
        self._row.addWidget(right)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold, or unfold."""
        super().resizeEvent(event)
        self.fold()

    def event(self, event: QEvent) -> bool:
        """Fold, or unfold, also when what is in the row has become wider: new words count only once shown."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.fold()
        return done

    def fold(self) -> None:
        """Choose the arrangement for the current width and contents."""
        needed = self._left.sizeHint().width() + self._right.sizeHint().width() + self._row.spacing()
        direction = QBoxLayout.Direction
        wanted = direction.LeftToRight if needed <= self.width() else direction.TopToBottom
        if wanted == self._row.direction():
            return
        self._row.setDirection(wanted)
        # Setting the direction does not tell what holds the row that its height is another one.
        self.updateGeometry()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a `FoldingPage`.

    Attributes:
        widget: What it is.
        share: Of the width of its row, relative to the other parts.
        least_width: In pixels at the usual text size; where it would be narrower, the page folds.
        least_height: In pixels at the usual text size; where it would be lower, the page scrolls.
        starts_row: Whether it never stands beside the part before it.
    """

    widget: QWidget
    share: int
    least_width: int
    least_height: int
    starts_row: bool = False


class FoldingPage(QScrollArea):
    """Parts side by side, in as many rows as the width requires.

    Args:
        *parts: From left to right.
        name: Accessible name.
        head: Above all parts, as high as it needs; scrolls with them.
    """

    def __init__(
        self, *parts: Part, name: str, head: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._parts = parts
        self.rows: tuple[int, ...] = ()
        self._scale = 0.0
        self._inside = Stack(spacing=SPACING_PIXELS, shrinks=True)
        self._inside.rows.takeAt(0)  # the empty room at the bottom: the rows of parts grow instead
        if head is not None:
            self._inside.rows.addWidget(head)
        self._lines = [_Line(self._inside.rows) for _ in parts]
        _make_plain(self, name=name)
        self.setWidget(self._inside)
        theme().changed.connect(self._fit)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold, or unfold."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        widths = [theme().pixels(part.least_width) for part in self._parts]
        starts = frozenset(number for number, part in enumerate(self._parts) if part.starts_row)
        rows = rows_that_fit(widths, room=self.width(), gap=SPACING_PIXELS, starts=starts)
        if rows != self.rows or theme().text_scale != self._scale:
            self.rows, self._scale = rows, theme().text_scale
            self._arrange()

    def _arrange(self) -> None:
        waiting = list(self._parts)
        for number, line in enumerate(self._lines):
            count = self.rows[number] if number < len(self.rows) else 0
            line.hold(waiting[:count])
            del waiting[:count]


class _Line(QHBoxLayout):
    """One of the rows of a `FoldingPage`, for as long as the page lives; takes no room while it is empty.

    Removing a layout would make PySide forget objects below its widgets that are still there.
    """

    def __init__(self, rows: QBoxLayout) -> None:
        super().__init__()
        self._rows = rows
        self._strut = QSpacerItem(0, 0)
        self.setSpacing(SPACING_PIXELS)
        self.addItem(self._strut)
        rows.addLayout(self)

    def hasHeightForWidth(self) -> bool:
        """False: else Qt takes the height that a row would like for its least, and cuts others for it."""
        return False

    def hold(self, parts: Sequence[Part]) -> None:
        """Take these parts from the rows that they are in."""
        least = max((theme().pixels(part.least_height) for part in parts), default=0)
        self._strut.changeSize(0, least, QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum)
        # What is left goes to the rows in proportion.
        self._rows.setStretchFactor(self, least)
        for part in parts:
            self.addWidget(part.widget, part.share)
        self.invalidate()


def rows_that_fit(widths: list[int], *, room: int, gap: int, starts: Collection[int] = ()) -> tuple[int, ...]:
    """Fit widths into rows and return the number in each row, in order and at least one.

    Args:
        widths: The least widths, from left to right.
        room: Width of a row.
        gap: Between two of them.
        starts: Numbers of those that begin a row, whatever the room.
    """
    rows, used = [0], 0
    for number, width in enumerate(widths):
        needed = width if not rows[-1] else used + gap + width
        if rows[-1] and (needed > room or number in starts):
            rows.append(0)
            needed = width
        rows[-1] += 1
        used = needed
    return tuple(rows)


class SideColumns(QWidget):
    """A wide part between two columns; where width is short, both columns become one.

    Each column scrolls on its own, and what is below the right one is always in sight.

    Args:
        left: The left column.
        middle: Takes the room that is left.
        right: The right column.
        foot: Stays below the right column, e.g. the button that goes on.
        head: Stays above the right column.
        widths: Of the columns, in pixels at the usual text size. They grow half as fast as the text.
        shrinks: As of `Stack`, for both columns.
        least_middle: Width of the middle below which the columns fold, in pixels at the usual text size.
    """

    def __init__(
        self,
        left: QWidget,
        middle: QWidget,
        right: QWidget,
        *,
        foot: QWidget,
        head: QWidget | None = None,
        widths: tuple[int, int],
        least_middle: int,
        shrinks: bool = False,
    ) -> None:
        super().__init__()
        self._left, self._right, self._widths, self._least = left, right, widths, least_middle
        self._has_left = True
        self.folded = False
        self._left_rows, self._right_rows = (Stack(part, grows=0, shrinks=shrinks) for part in (left, right))
        self.left_area = scrolling(self._left_rows, name="Left column")
        self.right_area = scrolling(self._right_rows, name="Right column")
        above = [] if head is None else [head]
        self.right_side = Stack(*above, self.right_area, foot, grows=len(above), spacing=10)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(MARGIN_PIXELS, MARGIN_PIXELS, MARGIN_PIXELS, MARGIN_PIXELS)
        columns.setSpacing(SPACING_PIXELS)
        columns.addWidget(self.left_area)
        columns.addWidget(middle, 1)
        columns.addWidget(self.right_side)
        theme().changed.connect(self._fit)
        self._fit()

    def show_left(self, visible: bool) -> None:
        """Show or hide the left column, wherever it is."""
        self._has_left = visible
        self._fit()

    def show_sides(self, visible: bool) -> None:
        """Show or hide everything but the middle."""
        self.right_side.setVisible(visible)
        self.show_left(visible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold, or unfold."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        left, right = (round(width * (1 + theme().text_scale) / 2) for width in self._widths)
        between = 2 * (MARGIN_PIXELS + SPACING_PIXELS)
        folded = self.width() < left + right + theme().pixels(self._least) + between
        if folded != self.folded:
            self.folded = folded
            (self._right_rows if folded else self._left_rows).rows.insertWidget(0, self._left)
        self.left_area.setFixedWidth(left)
        self.right_side.setFixedWidth(max(left, right) if folded and self._has_left else right)
        self._left.setVisible(self._has_left)
        self.left_area.setVisible(self._has_left and not folded)
