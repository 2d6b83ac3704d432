"""Text where room is short: a label of one line that is elided, and names that break after their signs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QStylePainter, QWidget

from tlstudio.gui.widgets.basics.term_tips import as_tip, with_terms

FEWEST_CHARACTERS = 8
ARROW = " → "


class ElidedLabel(QLabel):
    """A label of one line that is never wider than its room.

    Args:
        text: What it says.
        middle: Cut in the middle, as suits paths, instead of at the end.
    """

    def __init__(self, text: str = "", *, middle: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """Size of a few characters."""
        full = super().sizeHint()
        few = self.fontMetrics().horizontalAdvance("n") * FEWEST_CHARACTERS
        return QSize(min(full.width(), few), full.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        shown = elided(self.text(), self.fontMetrics(), width=self.width(), mode=self._mode)
        tip = "" if shown == self.text() else as_tip(with_terms(self.text(), text=self.text()))
        if tip != self.toolTip():
            self.setToolTip(tip)
        option = QStyleOption()
        option.initFrom(self)
        painter = QStylePainter(self)
        enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        self.style().drawItemText(
            painter,
            self.rect(),
            self.alignment().value,
            self.palette(),
            enabled,
            shown,
            self.foregroundRole(),
        )


def elided(text: str, metrics: QFontMetrics, *, width: int, mode: Qt.TextElideMode) -> str:
    """Cut a text to a width; of one like "glass → plastic" something is left of both names.

    Args:
        text: One line.
        metrics: Of its font.
        width: In pixels.
        mode: Place where a text without an arrow is cut; names beside an arrow are cut at their ends.
    """
    before, arrow, after = text.partition(ARROW)
    if not arrow or metrics.horizontalAdvance(text) <= width:
        return metrics.elidedText(text, mode, width)
    room = width - metrics.horizontalAdvance(ARROW)
    # A short name leaves its room to the other one.
    left = max(room // 2, room - metrics.horizontalAdvance(after))
    right = max(room // 2, room - metrics.horizontalAdvance(before))
    end = Qt.TextElideMode.ElideRight
    return metrics.elidedText(before, end, left) + ARROW + metrics.elidedText(after, end, right)


def breakable(name: str) -> str:
    """A name that a label may break after its hyphens and underscores, not only at spaces."""
    return name.replace("_", "_\u200b").replace("-", "-\u200b")
