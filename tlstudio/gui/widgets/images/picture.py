"""One image, as large as its room allows, read in the background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.theme import theme
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.images.thumbnails import read_small

LONGEST_SIDE = 1600


@dataclass(frozen=True, slots=True)
class _Reading:
    owner: int
    path: str

    def __call__(self) -> QImage:
        return read_small(self.path, side=LONGEST_SIDE, windows=shown_windows().windows)


class Picture(QWidget):
    """Shows the image of a file, or a sentence when it cannot be read.

    Args:
        background: Reads the file.
    """

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._path = ""
        self._image = QImage()
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Image")
        background.done.connect(self._arrived)
        theme().changed.connect(self.update)

    def show_file(self, path: str) -> None:
        """Show a file soon; an empty path shows nothing."""
        if path == self._path:
            return
        self._path, self._image, self._words = path, QImage(), ""
        self.setAccessibleDescription(Path(path).name)
        if path:
            self._background.submit(_Reading(id(self), path), _Reading(id(self), path))
        self.update()

    @property
    def image(self) -> QImage:
        """The image shown; null while it is being read."""
        return self._image

    def sizeHint(self) -> QSize:
        """A size at which an image can be recognised."""
        return QSize(260, 220)

    def minimumSizeHint(self) -> QSize:
        """The smallest useful size of an image."""
        return QSize(96, 80)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the whole image, centred, never enlarged beyond four times."""
        painter = QPainter(self)
        if self._image.isNull():
            painter.setPen(theme().color("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), self._words)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        room = self.size().boundedTo(self._image.size() * 4)
        size = self._image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
        target = QRect(0, 0, size.width(), size.height())
        target.moveCenter(self.rect().center())
        painter.drawImage(target, self._image)

    @Slot(object, object)
    def _arrived(self, key: object, result: object) -> None:
        if not isinstance(key, _Reading) or key.owner != id(self) or key.path != self._path:
            return
        self._image = result if isinstance(result, QImage) else QImage()
        if self._image.isNull():
            self._words = f"No preview of {Path(self._path).name}"
        self.update()
