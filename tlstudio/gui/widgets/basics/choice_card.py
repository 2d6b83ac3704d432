"""A card that can be chosen: one of several, of which one is marked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.gui.theme import theme


class ChoiceCard(QAbstractButton):
    """A button that looks like a card. Arrow keys go from card to card, Space chooses.

    Attributes:
        body: What the card holds; labels in it wrap.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 10, 14, 10)
        self.body.setSpacing(4)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Size that its labels prefer."""
        return self.body.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Smallest size that its labels accept."""
        return self.body.minimumSize()

    def hasHeightForWidth(self) -> bool:
        """True: the labels wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height with the labels wrapped."""
        return self.body.totalHeightForWidth(width)

    def event(self, event: QEvent) -> bool:
        """Show the hover colour at once."""
        if isinstance(event, QEnterEvent) or event.type() == QEvent.Type.Leave:
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame; a thick one in the accent when chosen."""
        colours = theme().colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        hover = self.underMouse() and not chosen
        edge = colours.accent if chosen else colours.muted if hover else colours.line
        painter.setPen(QPen(QColor(edge), 2 if chosen else 1))
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.text), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), 7, 7)


def card_label(text: str, *, look: str = "muted") -> QLabel:
    """A label for the body of a card: it wraps, and a click on it is one on the card.

    Args:
        text: What it says.
        look: A property of the style sheet, e.g. "heading" or "title".
    """
    label = QLabel(text)
    label.setProperty(look, True)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label
