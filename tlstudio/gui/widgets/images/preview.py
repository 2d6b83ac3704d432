"""One image, as large as there is room for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.theme import theme
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.images.thumbnails import Thumbnails

SIDE = 720


class Preview(QWidget):
    """Shows the whole image, turned as its EXIF says, made in the background.

    Args:
        background: Reads the image.
    """

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = Thumbnails(background, side=SIDE, parent=self)
        self._pictures.ready.connect(self._arrived)
        self._path = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_path("")
        theme().changed.connect(self.update)
        shown_windows().changed.connect(self.update)

    def show_path(self, path: str) -> None:
        """Show another image; an empty path shows a hint."""
        self._path = path
        self.setAccessibleName(f"Preview of {Path(path).name}" if path else "Preview, nothing selected")
        self.update()

    def sizeHint(self) -> QSize:
        """The preferred size."""
        return QSize(260, 184)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the image, or the reason why there is none."""
        colours = theme().colours
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform, on=True
        )
        shape = QPainterPath()
        shape.addRoundedRect(self.rect(), 8, 8)
        painter.fillPath(shape, QColor(colours.bg))
        picture = self._pictures.get(self._path) if self._path else None
        if picture is not None:
            size = picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(0, 0, max(size.width(), 1), max(size.height(), 1))
            target.moveCenter(self.rect().center())
            painter.setClipPath(shape)
            painter.drawPixmap(target, picture)
            return
        painter.setPen(QColor(colours.muted))
        text = "Select an image to see it here."
        if self._path:
            text = "No preview of this file." if self._pictures.cannot_show(self._path) else ""
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    @Slot(str)
    def _arrived(self, path: str) -> None:
        if path == self._path:
            self.update()
