"""One finding: a wrapped sentence with a sign for its severity; pressing it shows its images."""

from __future__ import annotations

from textwrap import shorten

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from tlstudio.core.finding import Finding, Severity
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.term_tips import with_terms

SIGNS: dict[Severity, str] = {"ok": "✓", "note": "i", "warning": "!", "serious": "×"}
WORDS: dict[Severity, str] = {
    "ok": "All is well",
    "note": "Good to know",
    "warning": "Worth a look",
    "serious": "Must be mended",
}
COLOURS: dict[Severity, str] = {"ok": "ok", "note": "muted", "warning": "warn", "serious": "bad"}
"""Colour tokens of the theme."""
LEFT, RIGHT, ABOVE = 32, 12, 7
LONGEST_MESSAGE = 260


class FindingButton(QAbstractButton):
    """A finding with its mend below; without images to show it cannot be pressed.

    Args:
        finding: What is shown first.
        shows_images: Whether pressing it can show the images of the finding.
    """

    def __init__(self, finding: Finding, *, shows_images: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shows_images = shows_images
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)
        self.show_finding(finding)

    @property
    def is_pressable(self) -> bool:
        """True if pressing the button shows images."""
        return self._shows_images and bool(self.finding.paths)

    def show_finding(self, finding: Finding) -> None:
        """Show another finding in this place."""
        self.finding = finding
        # A long list of classes would leave no room for other findings.
        self._message = shorten(finding.message, LONGEST_MESSAGE, placeholder=" …")
        self.setText(finding.message)
        self.setAccessibleName(f"{WORDS[finding.severity]}: {finding.message}")
        hint = "Press to show the images." if self.is_pressable else ""
        self.setAccessibleDescription(" ".join(filter(None, (finding.meaning, finding.mend, hint))))
        tip = [finding.message] if self._message != finding.message else []
        tip += [finding.meaning or WORDS[finding.severity]]
        tip += ["Show these images"] if self.is_pressable else []
        self.setToolTip(with_terms("\n".join(tip), text=f"{self._message} {finding.mend}"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.is_pressable else Qt.FocusPolicy.NoFocus)
        if self.is_pressable:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """True: the sentence wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of the wrapped sentence and its mend."""
        room = width - LEFT - RIGHT
        mend = _wrapped(self._small(), self.finding.mend, room)
        return _wrapped(self.font(), self._text(), room) + mend + 2 * ABOVE

    def sizeHint(self) -> QSize:
        """Size with the height that the current width requires."""
        return QSize(220, self.heightForWidth(max(self.width(), 160)))

    def minimumSizeHint(self) -> QSize:
        """A small width: the sentence wraps."""
        return QSize(120, self.heightForWidth(max(self.width(), 160)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame, the sign and the words."""
        colours = theme().colours
        edge = theme().color(COLOURS[self.finding.severity])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if self.hasFocus() else 1
        painter.setPen(QPen(QColor(colours.accent) if self.hasFocus() else edge, width))
        pressed = self.isDown() or (self.is_pressable and self.underMouse())
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
        painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, SIGNS[self.finding.severity])
        room = self.width() - LEFT - RIGHT
        height = _wrapped(self.font(), self._text(), room)
        painter.setFont(self.font())
        painter.setPen(QColor(colours.text))
        wrap = Qt.TextFlag.TextWordWrap.value
        painter.drawText(QRect(LEFT, ABOVE, room, height), wrap, self._text())
        painter.setFont(self._small())
        painter.setPen(QColor(colours.muted))
        painter.drawText(QRect(LEFT, ABOVE + height, room, self.height()), wrap, self.finding.mend)

    def _text(self) -> str:
        text = f"{self._message} → show" if self.is_pressable else self._message
        return text.replace(" %", "\u00a0%")  # a number is not parted from its sign

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(theme().pixels(11))
        return font


def _wrapped(font: QFont, text: str, room: int) -> int:
    if not text:
        return 0
    flags = Qt.TextFlag.TextWordWrap.value
    return QFontMetrics(font).boundingRect(QRect(0, 0, room, 10_000), flags, text).height()
