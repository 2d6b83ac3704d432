"""One finding of a check: a wrapped sentence with a sign for its severity; pressing it shows the images."""

from __future__ import annotations

from textwrap import shorten

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from tlstudio.gui.theme import theme

SIGNS = {"ok": "✓", "note": "i", "warning": "!", "serious": "×"}
WORDS = {"ok": "All is well", "note": "Good to know", "warning": "Worth a look", "serious": "Must be mended"}
LEFT, RIGHT, ABOVE = 32, 12, 7
LONGEST_MESSAGE = 160


class FindingButton(QAbstractButton):
    """A finding. It can be pressed when it has images to show.

    Args:
        message: One plain sentence.
        severity: "ok", "note", "warning" or "serious".
        mend: What to do; may be empty.
        pressable: Whether there are images to show.
    """

    def __init__(
        self, message: str, *, severity: str, mend: str, pressable: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._mend, self.severity = mend, severity
        # Forty classes named one by one would push every other finding out of sight.
        self._message = shorten(message, LONGEST_MESSAGE, placeholder=" …")
        self.setText(message)
        self.setAccessibleName(f"{WORDS[severity]}: {message}")
        self.setAccessibleDescription(f"{mend} Press to show the images." if pressable else mend)
        tip = "Show these images" if pressable else mend or WORDS[severity]
        self.setToolTip(tip if self._message == message else f"{message}\n{tip}")
        self._pressable = pressable
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if pressable else Qt.FocusPolicy.NoFocus)
        if pressable:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)

    def hasHeightForWidth(self) -> bool:
        """The sentence wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Room for the wrapped sentence and its mend."""
        room = width - LEFT - RIGHT
        return (
            _wrapped(self.font(), self._text(), room) + _wrapped(self._small(), self._mend, room) + 2 * ABOVE
        )

    def sizeHint(self) -> QSize:
        """As high as its width asks for."""
        return QSize(220, self.heightForWidth(max(self.width(), 160)))

    def minimumSizeHint(self) -> QSize:
        """Narrow is fine; it wraps."""
        return QSize(120, self.heightForWidth(max(self.width(), 160)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame, the sign and the words."""
        colours = theme().colours
        edge = QColor(
            {"ok": colours.ok, "note": colours.muted, "warning": colours.warn, "serious": colours.bad}[
                self.severity
            ]
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if self.hasFocus() else 1
        painter.setPen(QPen(QColor(colours.accent) if self.hasFocus() else edge, width))
        pressed = self.isDown() or (self._pressable and self.underMouse())
        painter.setBrush(QColor(colours.accent_soft if pressed else colours.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 9, 9)
        line = QFontMetrics(self.font()).height()
        sign = QRectF(9, ABOVE + (line - 16) / 2, 16, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(edge)
        painter.drawEllipse(sign)
        bold = QFont(self.font())
        bold.setBold(True)
        bold.setPixelSize(11)
        painter.setFont(bold)
        painter.setPen(QColor(colours.surface))
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, SIGNS[self.severity])
        room = self.width() - LEFT - RIGHT
        height = _wrapped(self.font(), self._text(), room)
        painter.setFont(self.font())
        painter.setPen(QColor(colours.text))
        wrap = Qt.TextFlag.TextWordWrap.value
        painter.drawText(QRect(LEFT, ABOVE, room, height), wrap, self._text())
        painter.setFont(self._small())
        painter.setPen(QColor(colours.muted))
        painter.drawText(QRect(LEFT, ABOVE + height, room, self.height()), wrap, self._mend)

    def _text(self) -> str:
        return f"{self._message} → show" if self._pressable else self._message

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(theme().pixels(11))
        return font


def _wrapped(font: QFont, text: str, room: int) -> int:
    if not text:
        return 0
    flags = Qt.TextFlag.TextWordWrap.value
    return QFontMetrics(font).boundingRect(QRect(0, 0, room, 10_000), flags, text).height()
