"""A chip: a small pill of text that shows a state, switches something, or opens something."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QMetaMethod, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyleOptionButton, QStylePainter, QWidget

from tlstudio.gui.theme import restyle
from tlstudio.gui.widgets.basics.term_tips import as_tip, with_terms

Kind = Literal["plain", "accent", "ok", "warn", "bad", "ice", "fire"]
FEWEST_CHARACTERS = 5
SIDES_PIXELS = 24


class Chip(QPushButton):
    """A pill with one line of text: elided where room is short, with the full text in its tool tip.

    It takes the focus only when pressing it does something: when it is checkable, or once `clicked` or
    `toggled` is connected, or a menu is set.

    Args:
        text: What it says.
        kind: Its colour; the words must make sense without it.
        checkable: Whether it can be switched on and off.
        tip: Shown on hover, in plain words.
    """

    def __init__(
        self,
        text: str,
        *,
        kind: Kind = "plain",
        checkable: bool = False,
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("chip", True)
        self.setProperty("kind", kind)
        self.setProperty("live", checkable)
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if checkable else Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._tip, self._explained = tip, ""
        self.setText(text)

    def setText(self, text: str) -> None:
        """Change its text."""
        if text == self.text() == self.accessibleName():
            return
        super().setText(text)
        self.setAccessibleName(text)
        self.set_tip(self._tip)
        self.updateGeometry()

    def set_tip(self, tip: str) -> None:
        """Change its tool tip; technical terms of its text are explained as well."""
        self._tip, self._explained = tip, with_terms(tip, text=self.text())
        self.setToolTip(as_tip(self._explained))

    def set_kind(self, kind: Kind) -> None:
        """Change its colour."""
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            restyle(self)

    def minimumSizeHint(self) -> QSize:
        """Size of a few characters; the rest is elided."""
        hint = super().sizeHint()
        few = self.fontMetrics().horizontalAdvance("n") * FEWEST_CHARACTERS + SIDES_PIXELS
        return QSize(min(hint.width(), few), hint.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the chip with its text elided to the available width."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.width() - SIDES_PIXELS + 2
        shown = self.fontMetrics().elidedText(
            option.text, Qt.TextElideMode.ElideRight, room, Qt.TextFlag.TextShowMnemonic.value
        )
        full = [] if shown == option.text else [self.text()]
        wanted = as_tip("\n".join(filter(None, (*full, self._explained))))
        if wanted != self.toolTip():
            self.setToolTip(wanted)
        option.text = shown
        QStylePainter(self).drawControl(self.style().ControlElement.CE_PushButton, option)

    def connectNotify(self, signal: QMetaMethod) -> None:
        """Accept keyboard focus once a slot is connected."""
        super().connectNotify(signal)
        if bytes(signal.name().data()) in (b"clicked", b"toggled", b"pressed"):
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setProperty("live", True)
