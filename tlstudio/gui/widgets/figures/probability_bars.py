"""Class probabilities as bars with their percentages, the most probable first."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from tlstudio.core.percent import percent
from tlstudio.gui.theme import theme

ROW_PIXELS = 26
BAR_PIXELS = 8
SHOWN_ROWS = 8
NAME_SHARE = 0.42
NUMBER_PIXELS, NUMBER_GAP = 60, 10
WIDEST = percent(0.888, digits=1)


class ProbabilityBars(QScrollArea):
    """One row per class; scrolls where there are many.

    Args:
        name: Accessible name.
    """

    def __init__(self, *, name: str = "Class probabilities", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # All classes where there is room for them beside an image; a few of them at least.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._rows = _Rows()
        self.setWidget(self._rows)

    @property
    def probabilities(self) -> dict[str, float]:
        """The probabilities in the order shown."""
        return dict(self._rows.rows)

    def sizeHint(self) -> QSize:
        """Size of up to `SHOWN_ROWS` classes."""
        rows = min(max(len(self._rows.rows), 1), SHOWN_ROWS)
        return QSize(self._rows.sizeHint().width(), ROW_PIXELS * rows + 2)

    def set_probabilities(self, probabilities: Mapping[str, float], *, true_class: str | None = None) -> None:
        """Show probabilities, the highest first.

        Args:
            probabilities: Class name to probability, 0 to 1.
            true_class: Its label, marked with words.
        """
        rows = sorted(probabilities.items(), key=lambda item: -item[1])
        self._rows.show_rows(rows, true_class=true_class)
        self.setMaximumHeight(self._rows.sizeHint().height() + 2)
        self.updateGeometry()
        description = ", ".join(f"{name} {percent(value, digits=1)}" for name, value in rows)
        self.setAccessibleDescription(description)


class _Rows(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[str, float]] = []
        self._true_class: str | None = None
        self.setProperty("plain", True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_rows(self, rows: list[tuple[str, float]], *, true_class: str | None) -> None:
        self.rows, self._true_class = rows, true_class
        self.setToolTip("How sure the classifier is of each class; together they make 100 %.")
        self.updateGeometry()
        self.update()

    def numbers_width(self) -> int:
        """Room of the percentages, of which the first one is bold, and of the gap before them."""
        widest = QFontMetrics(_bold(self.font())).horizontalAdvance(WIDEST)
        return max(widest + NUMBER_GAP, NUMBER_PIXELS)

    def sizeHint(self) -> QSize:
        return QSize(220, ROW_PIXELS * max(len(self.rows), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(140, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        usual = self.font()
        bold = _bold(usual)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        names = round(self.width() * NAME_SHARE)
        numbers = self.numbers_width()
        for number, (name, value) in enumerate(self.rows):
            line = QRect(0, number * ROW_PIXELS, self.width(), ROW_PIXELS)
            if not line.intersects(event.rect()):
                continue
            painter.setFont(bold if number == 0 else usual)
            painter.setPen(theme().color("text"))
            words = f"{name} (its label)" if name == self._true_class else name
            place = QRect(0, line.top(), names - 8, ROW_PIXELS)
            shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, place.width())
            painter.drawText(place, int(left), shown)
            painter.drawText(line, int(right), percent(value, digits=1))
            track = QRect(names, 0, max(self.width() - names - numbers, 8), BAR_PIXELS)
            track.moveTop(line.top() + (ROW_PIXELS - BAR_PIXELS) // 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("line"))
            painter.drawRoundedRect(track, BAR_PIXELS / 2, BAR_PIXELS / 2)
            filled = round(track.width() * value)
            if filled >= 1:
                painter.setBrush(theme().color("accent"))
                bar = QRect(track.left(), track.top(), max(filled, 3), BAR_PIXELS)
                painter.drawRoundedRect(bar, BAR_PIXELS / 2, BAR_PIXELS / 2)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold
