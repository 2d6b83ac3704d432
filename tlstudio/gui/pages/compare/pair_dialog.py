"""One image large, with the answers of two runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.geometry import FRAME
from tlstudio.gui.pages.compare.pairs_card import Pair
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.elided import ElidedLabel
from tlstudio.gui.widgets.basics.enter_key import let_enter_press
from tlstudio.gui.widgets.images.picture import Picture


class PairDialog(QDialog):
    """One image of a list; ← and → go to the previous and next one.

    Args:
        background: Reads the images.
    """

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        let_enter_press(self)
        self.setWindowTitle("Image")
        self.resize(QSize(760, 560).boundedTo(self.screen().availableGeometry().size() - FRAME))
        self._pairs: tuple[Pair, ...] = ()
        self._row = 0
        self.picture = Picture(background)
        self.name = ElidedLabel(middle=True)
        self.name.setProperty("heading", True)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.back = quiet_button("← &Previous", tip="The image before this one (left arrow key).")
        self.next = quiet_button("&Next →", tip="The image after this one (right arrow key).")
        close = quiet_button("&Close", tip="Close this view.")
        self.back.clicked.connect(self._back)
        self.next.clicked.connect(self._next)
        close.clicked.connect(self.reject)
        bottom = QHBoxLayout()
        bottom.addWidget(self.back)
        bottom.addWidget(self.next)
        bottom.addStretch(1)
        bottom.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.name)
        layout.addWidget(self.words)
        layout.addLayout(bottom)

    def show_pairs(self, pairs: Sequence[Pair], *, path: str) -> None:
        """Show one image of a list.

        Args:
            pairs: In the order in which the arrow keys go through them.
            path: Of the image to show first.
        """
        self._pairs = tuple(pairs)
        self._row = next((row for row, pair in enumerate(pairs) if pair.path == path), 0)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go to the previous and next image."""
        if event.key() == Qt.Key.Key_Right:
            self._next()
        elif event.key() == Qt.Key.Key_Left:
            self._back()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _next(self) -> None:
        self._row = min(self._row + 1, len(self._pairs) - 1)
        self._show()

    @Slot()
    def _back(self) -> None:
        self._row = max(self._row - 1, 0)
        self._show()

    def _show(self) -> None:
        shown = self._pairs[self._row]
        self.picture.show_file(str(shown.file))
        self.name.setText(shown.path)
        self.words.setText(f"{shown.words}\nImage {self._row + 1} of {len(self._pairs)}")
        self.back.setEnabled(self._row > 0)
        self.next.setEnabled(self._row + 1 < len(self._pairs))
