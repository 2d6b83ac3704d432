"""A card: a rounded box that groups widgets of a page."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from tlstudio.gui.widgets.basics.elided import ElidedLabel


class Card(QFrame):
    """A rounded box with a title.

    Args:
        title: Shown at the top left; without one, the header takes no room until something is added.

    Attributes:
        header: Title at the left; add widgets to the right of it.
        body: What the card holds.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 12, 12, 12)
        outer.setSpacing(8)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self._title = ElidedLabel(title)
        self._title.setProperty("heading", True)
        self.header.addWidget(self._title)
        self.header.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        outer.addLayout(self.header)
        outer.addLayout(self.body, 1)
        # Not before it lies in the card: a label without a parent would flash as a window of its own.
        self._title.setVisible(bool(title))
        self.setAccessibleName(title)

    @property
    def title(self) -> str:
        """The text at the top."""
        return self._title.text()

    def set_title(self, title: str) -> None:
        """Change the text at the top; empty hides it."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self.setAccessibleName(title)
