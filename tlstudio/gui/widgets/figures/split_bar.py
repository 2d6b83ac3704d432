"""A bar that shows how the images are divided."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.gui.theme import theme

BAR_PIXELS = 14
GAP = 2


def split_colours() -> tuple[str, str, str]:
    """Colours of train, validation, test. Not ice and not fire: those mean frozen and training."""
    colours = theme().colours
    return colours.accent, _mixed(colours.accent, colours.surface, 0.5), colours.muted


class SplitBar(QWidget):
    """Three segments as wide as their shares; the words beside it carry the same numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._counts = (0, 0, 0)
        self.set_counts(train=0, validation=0, test=0)
        theme().changed.connect(self.update)

    def set_counts(self, *, train: int, validation: int, test: int) -> None:
        """Show the number of images of each split."""
        self._counts = (train, validation, test)
        words = f"train {train}, check {validation}, test {test} images"
        self.setAccessibleName(words)
        self.setToolTip(
            "Train: the images that it learns from.\nCheck: used to compare settings "
            "and to see whether it gets better.\n"
            "Test: used once, at the end, to measure how good it is."
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Size of a thin bar."""
        return QSize(120, BAR_PIXELS)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the segments."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), QColor(theme().colours.line))
        total = sum(self._counts)
        left = 0.0
        for count, colour in zip(self._counts, split_colours(), strict=True):
            if count:
                width = self.width() * count / total
                painter.fillRect(QRectF(left, 0, width - GAP, BAR_PIXELS), QColor(colour))
                left += width
        painter.setPen(Qt.PenStyle.NoPen)


def _mixed(one: str, other: str, share: float) -> str:
    a, b = QColor(one), QColor(other)
    parts = [
        round(x * (1 - share) + y * share)
        for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    ]
    return QColor(*parts).name()
