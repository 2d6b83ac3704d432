"""A dialog with one of several images large, and the others by arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.geometry import FRAME
from tlstudio.gui.widgets.images.large_view import LargeView


class LargeDialog(QDialog):
    """Shows images one at a time.

    Args:
        background: Reads them.

    Signals:
        shown_key: Key of the image that is shown now.
    """

    shown_key = Signal(str)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.resize(QSize(820, 640).boundedTo(self.screen().availableGeometry().size() - FRAME))
        self._images: list[tuple[str, str, str]] = []
        self._row = 0
        self.view = LargeView(background)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.view.closed.connect(self.accept)
        self.view.moved.connect(self._move)
        layout = QVBoxLayout(self)
        layout.addWidget(self.words)
        layout.addWidget(self.view, 1)

    def show_images(self, images: Sequence[tuple[str, str, str]], *, key: str) -> None:
        """Open it.

        Args:
            images: Key, file and words of each.
            key: Of the image to begin with.
        """
        self._images = list(images)
        self._row = next((row for row, image in enumerate(images) if image[0] == key), 0)
        self._show()
        self.open()
        self.view.setFocus()

    @Slot(int)
    def _move(self, by: int) -> None:
        self._row = min(max(self._row + by, 0), len(self._images) - 1)
        self._show()

    def _show(self) -> None:
        key, file, words = self._images[self._row]
        before = self._images[self._row - 1][1] if self._row else ""
        after = self._images[self._row + 1][1] if self._row + 1 < len(self._images) else ""
        self.words.setText(words)
        self.view.show_file(file, name=key, before=before, after=after)
        self.shown_key.emit(key)
