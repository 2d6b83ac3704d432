"""The backbone as a stack of stages with the freeze line between them, moved by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QSlider, QToolTip, QWidget

from tlstudio.core.colours import Colours
from tlstudio.core.freeze_words import readable
from tlstudio.gui.number_text import grouped
from tlstudio.gui.stage_text import count_words
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.term_tips import with_terms

ROW_HIGHEST, ROW_LOWEST = 40, 20
# Below this width the words "weights" and "rate" are left out; tips and numbers stay.
NARROW_PIXELS = 470
# Below this one, which grows with the text, the numbers are left out too; tips stay.
NO_COUNTS_BELOW = 280
ENDS_PIXELS = 20
LINE_PIXELS = 18
LINE_WORDS = "freeze line: drag, or ↑ ↓"
GRAB_PIXELS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStage:
    """A stage of the stack.

    Attributes:
        name: The backbone's own name for it, e.g. "blocks.6".
        weights: How many it holds.
        rate: Learning rate relative to the head's while it trains.
    """

    name: str
    weights: int
    rate: float


class LayerStack(QSlider):
    """Stages from the input (below) to the head (on top). Its value is how many of them are frozen.

    A slider, so that the keyboard, screen readers and automation know what to do with it: Up freezes one
    more stage, Down lets one more train, Home freezes all, End none.

    Signals:
        frozen_changed: The person moved the line; how many stages are frozen now.
    """

    frozen_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setAccessibleName("Freeze line")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setPageStep(1)
        self._stages: tuple[StackStage, ...] = ()
        self._head = ("", 0)
        self._input = ""
        self._undecided = 0
        self._pressed_at: QPointF | None = None
        self._dragging = False
        self._telling = True
        self.valueChanged.connect(self._moved)
        theme().changed.connect(self.update)

    def set_stack(
        self,
        stages: Sequence[StackStage],
        *,
        head: str,
        head_weights: int,
        input_text: str,
        frozen: int,
        undecided: int = 0,
    ) -> None:
        """Show a backbone.

        Args:
            stages: From the input upwards.
            head: Words for the new head.
            head_weights: How many it holds.
            input_text: What enters, e.g. "224 × 224 photo".
            frozen: Number of frozen stages, from the input.
            undecided: Number of further stages that may become frozen: trials will choose the line.
        """
        self._telling = False
        self._stages = tuple(stages)
        self._undecided = undecided
        self._head, self._input = (head, head_weights), input_text
        self.setRange(0, len(self._stages))
        self.setValue(frozen)
        self._telling = True
        self._describe()
        self.updateGeometry()
        self.update()

    def stages(self) -> tuple[StackStage, ...]:
        """The stages, from the input upwards."""
        return self._stages

    def first_trainable(self) -> str | None:
        """Name of the first trainable stage; None when only the head trains."""
        return self._stages[self.value()].name if self.value() < len(self._stages) else None

    def sizeHint(self) -> QSize:
        """Size with rows of a comfortable height."""
        return QSize(420, self._height(ROW_HIGHEST + 7))

    def minimumSizeHint(self) -> QSize:
        """Size with rows just high enough to read."""
        return QSize(260, self._height(theme().pixels(ROW_LOWEST) + 2))

    def line_y(self) -> float:
        """Vertical position of the freeze line, in the widget's pixels."""
        return self._boundary(self.value())

    def row_rect(self, index: int) -> QRectF:
        """The rectangle of a stage; `len(stages())` is the head."""
        pitch = self._pitch()
        gap = 2 if pitch < 30 else 6
        top = ENDS_PIXELS + (len(self._stages) - index) * pitch
        # Frozen stages are drawn lower, to make room for the freeze line.
        if index < self.value():
            top += LINE_PIXELS
        return QRectF(1, top + gap / 2, self.width() - 2, pitch - gap)

    # Input

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the line: Home to the top of the stack, End to its bottom."""
        if event.key() == Qt.Key.Key_Home:
            self.setValue(self.maximum())
        elif event.key() == Qt.Key.Key_End:
            self.setValue(self.minimum())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab the line, or press on a stage."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
            self._dragging = self._near_line(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line."""
        if self._pressed_at is None:
            near = self._near_line(event.position())
            self.setCursor(Qt.CursorShape.SizeVerCursor if near else Qt.CursorShape.PointingHandCursor)
            return
        moved = abs(event.position().y() - self._pressed_at.y())
        if self._dragging or moved > QApplication.startDragDistance():
            self._dragging = True
            self.setValue(self._nearest(event.position().y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a frozen stage lets it train, with all above it; on a training one freezes it."""
        if self._pressed_at is not None and not self._dragging:
            index = self._stage_at(event.position())
            if index is not None:
                self.setValue(index if index < self.value() else index + 1)
        self._pressed_at, self._dragging = None, False

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel: it scrolls the page and must not change what trains."""
        event.ignore()

    def event(self, event: QEvent) -> bool:
        """Show the tool tip of the stage under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tip = self._tip_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), with_terms(tip, text=f"stage {tip}"), self)
            return True
        return super().event(event)

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the stack."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme().colours
        painter.setPen(QColor(colours.muted))
        top = QRectF(2, 0, self.width() - 4, ENDS_PIXELS - 2)
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, "Output ↑ your classes")
        lowest = self.row_rect(0).bottom() if self.value() else self.row_rect(0).bottom() + LINE_PIXELS
        below = QRectF(2, lowest + 2, self.width() - 4, ENDS_PIXELS - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, f"Input ↓ {self._input}")
        words, weights = self._head
        narrow = self.width() < NARROW_PIXELS
        trains = "trains ×" if narrow else "trains · rate ×"
        self._row(painter, self.row_rect(len(self._stages)), words, weights, f"{trains}1", _TRAINS)
        for index, stage in enumerate(self._stages):
            if index < self.value():
                state, look = "frozen", _FROZEN
            elif index < self.value() + self._undecided:
                state, look = ("to try" if narrow else "will be tried"), _UNDECIDED
            else:
                state, look = f"{trains}{stage.rate:.2g}", _TRAINS
            self._row(painter, self.row_rect(index), readable(stage.name), stage.weights, state, look)
        self._line(painter, colours)

    def _row(self, painter: QPainter, rect: QRectF, name: str, weights: int, state: str, look: _Look) -> None:
        colours = theme().colours
        edge = QColor(getattr(colours, look.edge))
        painter.setPen(QPen(edge, 1, look.line))
        painter.setBrush(QColor(getattr(colours, look.ground)))
        painter.drawRoundedRect(rect, 8, 8)
        look.sign(painter, QPointF(rect.left() + 17, rect.center().y()), edge)
        small = QFont(self.font())
        small.setPixelSize(theme().pixels(11 if rect.height() < 26 else 12))
        metrics = QFontMetricsF(small)
        chip = QRectF(
            0, 0, metrics.horizontalAdvance(state) + 18, min(rect.height() - 4, metrics.height() + 6)
        )
        chip.moveCenter(QPointF(rect.right() - 9 - chip.width() / 2, rect.center().y()))
        painter.setPen(QPen(edge, 1))
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2)
        painter.setFont(small)
        painter.setPen(QColor(colours.text))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, state)
        count = count_words(weights) + (" weights" if self.width() >= NARROW_PIXELS else "")
        # One column for the counts, whatever the chips beside them say.
        word = "trains ×" if self.width() < NARROW_PIXELS else "trains · rate ×"
        right = rect.right() - 12 - metrics.horizontalAdvance(f"{word}0.064") - 26
        left = right - metrics.horizontalAdvance(count)
        if self.width() < theme().pixels(NO_COUNTS_BELOW):
            left = chip.left() - 4  # the tip has the count, too; the name must stay readable
        else:
            place = QRectF(left, rect.top(), right - left, rect.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, count)
        bold = QFont(self.font())
        bold.setBold(True)
        bold.setPixelSize(theme().pixels(12 if rect.height() < 26 else 13))
        painter.setFont(bold)
        room = left - rect.left() - 42
        shown = QFontMetricsF(bold).elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(
            QRectF(rect.left() + 32, rect.top(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, shown
        )

    def _line(self, painter: QPainter, colours: Colours) -> None:
        y = self.line_y()
        accent = QColor(colours.accent)
        painter.setPen(QPen(accent, 3, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(2, y), QPointF(self.width() - 2, y))
        text = "freeze line: found by trying, here or above" if self._undecided else LINE_WORDS
        font = QFont(self.font())
        font.setPixelSize(theme().pixels(11))
        metrics = QFontMetricsF(font)
        pill = QRectF(0, 0, metrics.horizontalAdvance(text) + 20, LINE_PIXELS - 2)
        pill.moveCenter(QPointF(self.width() - 14 - pill.width() / 2, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setFont(font)
        painter.setPen(QColor(colours.on_accent))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.text), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(0.5, y - LINE_PIXELS / 2, self.width() - 1, LINE_PIXELS), 6, 6)

    # Geometry

    def _height(self, pitch: int) -> int:
        return 2 * ENDS_PIXELS + LINE_PIXELS + pitch * (len(self._stages) + 1)

    def _pitch(self) -> float:
        room = self.height() - 2 * ENDS_PIXELS - LINE_PIXELS
        return min(room / (len(self._stages) + 1), ROW_HIGHEST + 7)

    def _boundary(self, frozen: int) -> float:
        """The middle of the line when this many stages are frozen."""
        return ENDS_PIXELS + (len(self._stages) + 1 - frozen) * self._pitch() + LINE_PIXELS / 2

    def _nearest(self, y: float) -> int:
        return min(range(len(self._stages) + 1), key=lambda frozen: abs(self._boundary(frozen) - y))

    def _near_line(self, position: QPointF) -> bool:
        return abs(position.y() - self.line_y()) <= GRAB_PIXELS

    def _stage_at(self, position: QPointF) -> int | None:
        return next(
            (index for index in range(len(self._stages)) if self.row_rect(index).contains(position)), None
        )

    def _tip_at(self, position: QPointF) -> str:
        if self.row_rect(len(self._stages)).contains(position):
            words, weights = self._head
            return f"{words}: {grouped(weights)} new weights, learned from your images alone."
        index = self._stage_at(position)
        if index is None:
            return "Below the line nothing changes; above it, weights learn from your images."
        stage = self._stages[index]
        if index < self.value():
            return f"{stage.name}: {grouped(stage.weights)} weights stay as they are.\nClick to let it train."
        if index < self.value() + self._undecided:
            return (
                f"{stage.name}: {grouped(stage.weights)} weights. It will be tried whether they should learn."
                "\nClick to freeze it and all below it."
            )
        return (
            f"{stage.name}: {grouped(stage.weights)} weights learn, at {stage.rate:.2g} of the head's speed."
            "\nClick to freeze it and all below it."
        )

    @Slot(int)
    def _moved(self, value: int) -> None:
        if self._telling:
            self._undecided = 0  # the person has decided
        self._describe()
        self.update()
        if self._telling:
            self.frozen_changed.emit(value)

    def _describe(self) -> None:
        count, first = len(self._stages), self.first_trainable()
        if self._undecided:
            state = f"The freeze line is found by trying; the lowest {self.value()} stages stay frozen."
        elif first is None:
            state = f"All {count} stages are frozen, only the head trains."
        elif self.value() == 0:
            state = f"Nothing is frozen, all {count} stages train."
        else:
            state = f"{self.value()} of {count} stages are frozen; {readable(first)} and all above it train."
        self.setAccessibleDescription(f"{state} Up freezes one more, Down lets one more train.")


def _triangle(painter: QPainter, centre: QPointF, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([centre + QPointF(0, -5), centre + QPointF(6, 5), centre + QPointF(-6, 5)]))


def _question_mark(painter: QPainter, centre: QPointF, colour: QColor) -> None:
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(theme().pixels(14))
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(QRectF(centre.x() - 8, centre.y() - 10, 16, 20), Qt.AlignmentFlag.AlignCenter, "?")


def _snowflake(painter: QPainter, centre: QPointF, colour: QColor) -> None:
    painter.save()
    painter.setPen(QPen(colour, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.translate(centre)
    for _ in range(6):
        painter.drawLine(QPointF(0, 0), QPointF(0, -6))
        painter.drawLine(QPointF(0, -3.6), QPointF(2, -5.4))
        painter.drawLine(QPointF(0, -3.6), QPointF(-2, -5.4))
        painter.rotate(60)
    painter.restore()


@dataclass(frozen=True, slots=True)
class _Look:
    edge: str
    ground: str
    line: Qt.PenStyle
    sign: Callable[[QPainter, QPointF, QColor], None]


_FROZEN = _Look("ice", "ice_soft", Qt.PenStyle.SolidLine, _snowflake)
_TRAINS = _Look("fire", "fire_soft", Qt.PenStyle.SolidLine, _triangle)
_UNDECIDED = _Look("muted", "surface", Qt.PenStyle.DashLine, _question_mark)
