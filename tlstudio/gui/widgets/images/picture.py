"""One image, as large as its room allows, read in the background; the wheel zooms, dragging pans."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.theme import theme
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.images.thumbnails import read_small

LONGEST_SIDE = 1600
FULL_SIDE = 6144
"""Longest side when zoomed in: what the screen can show of a photo, in at most 150 MB."""
MOST_ENLARGED = 4
"""Largest factor by which an image is enlarged to fill its room."""
ZOOM_STEP = 1.25
MOST_ZOOM = 40.0
MOST_CACHED = 3


@dataclass(frozen=True, slots=True)
class _Reading:
    owner: int
    path: str
    side: int

    def __call__(self) -> QImage:
        return read_small(self.path, side=self.side, windows=shown_windows().windows)


class Picture(QWidget):
    """Shows the image of a file, or a sentence when it cannot be read.

    Args:
        background: Reads the file.

    Signals:
        double_clicked: The image was double-clicked.
        zoom_changed: Whether it is zoomed, as against shown whole.
    """

    double_clicked = Signal()
    zoom_changed = Signal(bool)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._path = ""
        self._image = QImage()
        self._words = ""
        self._zoom = 1.0
        self._centre = QPointF(0.5, 0.5)  # the point of the image in the middle, as fractions of its size
        self._dragged_from: QPointF | None = None
        self._is_full = False
        self._waiting: set[_Reading] = set()
        self._ahead: OrderedDict[str, QImage] = OrderedDict()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Image")
        background.done.connect(self._arrived)
        theme().changed.connect(self.update)

    def show_file(self, path: str) -> None:
        """Show a file soon; an empty path shows nothing."""
        if path == self._path:
            return
        self._path, self._words, self._is_full = path, "", False
        self._image = self._ahead.get(path, QImage())
        self.setAccessibleDescription(Path(path).name)
        self.fit()
        if path and self._image.isNull():
            self._submit(path, LONGEST_SIDE)
        self.update()

    def read_ahead(self, paths: Sequence[str]) -> None:
        """Read files that may be shown next, the last of them first."""
        for path in paths:
            if path not in self._ahead and _Reading(id(self), path, LONGEST_SIDE) not in self._waiting:
                self._submit(path, LONGEST_SIDE)

    @property
    def image(self) -> QImage:
        """The image shown; null while it is being read."""
        return self._image

    @property
    def zoom(self) -> float:
        """Factor by which the image is larger than when shown whole."""
        return self._zoom

    @Slot()
    def fit(self) -> None:
        """Show the whole image."""
        self._set_zoom(1.0, at=self.rect().center().toPointF())

    def zoom_by(self, steps: float, *, at: QPointF | None = None) -> None:
        """Zoom in (positive) or out; the point of the image at `at`, or in the middle, stays there."""
        place = at if at is not None else QRectF(self.rect()).center()
        self._set_zoom(self._zoom * ZOOM_STEP**steps, at=place)

    def sizeHint(self) -> QSize:
        """A size at which an image can be recognised."""
        return QSize(260, 220)

    def minimumSizeHint(self) -> QSize:
        """The smallest useful size of an image."""
        return QSize(96, 80)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the whole image, centred, never enlarged beyond four times; or the part that is zoomed to."""
        painter = QPainter(self)
        if self._image.isNull():
            painter.setPen(theme().color("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), self._words)
            return
        target = self._target()
        # Enlarged pixels are shown as what they are.
        is_enlarged = target.width() > MOST_ENLARGED * self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not is_enlarged)
        painter.drawImage(target, self._image)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; what cannot zoom out further lets the page scroll."""
        steps = event.angleDelta().y() / 120
        if self._image.isNull() or (steps < 0 and self._zoom == 1):
            event.ignore()
            return
        self.zoom_by(steps, at=event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        if event.button() == Qt.MouseButton.LeftButton and self._zoom > 1:
            self._dragged_from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the image along."""
        if self._dragged_from is None:
            super().mouseMoveEvent(event)
            return
        target, moved = self._target(), event.position() - self._dragged_from
        self._dragged_from = event.position()
        self._centre -= QPointF(moved.x() / target.width(), moved.y() / target.height())
        self._keep_inside()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End dragging."""
        self._dragged_from = None
        self._show_cursor()
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Pass a double click on."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def _fitted(self) -> QSizeF:
        room = self.size().boundedTo(self._image.size() * MOST_ENLARGED)
        size = self._image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        return QSizeF(size.expandedTo(QSize(1, 1)))

    def _target(self) -> QRectF:
        """Compute the place of the whole image, beyond the edges when zoomed."""
        size = self._fitted() * self._zoom
        middle = QRectF(self.rect()).center()
        return QRectF(
            middle.x() - self._centre.x() * size.width(),
            middle.y() - self._centre.y() * size.height(),
            size.width(),
            size.height(),
        )

    def _set_zoom(self, zoom: float, *, at: QPointF) -> None:
        zoom = max(1.0, min(zoom, MOST_ZOOM))
        if self._image.isNull() or zoom == 1.0:
            self._zoom, self._centre = 1.0, QPointF(0.5, 0.5)
        else:
            before = self._target()
            point = QPointF((at.x() - before.x()) / before.width(), (at.y() - before.y()) / before.height())
            self._zoom = zoom
            after = self._target()
            now = QPointF((at.x() - after.x()) / after.width(), (at.y() - after.y()) / after.height())
            self._centre += point - now
            self._keep_inside()
            self._read_full()
        self._show_cursor()
        self.zoom_changed.emit(self._zoom > 1)
        self.update()

    def _keep_inside(self) -> None:
        """Move the image back where it would leave room at an edge that it could fill."""
        size = self._fitted() * self._zoom
        for room, length, get, put in (
            (self.width(), size.width(), self._centre.x, self._centre.setX),
            (self.height(), size.height(), self._centre.y, self._centre.setY),
        ):
            margin = min(room / 2 / length, 0.5)
            put(max(margin, min(get(), 1 - margin)))

    def _show_cursor(self) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._zoom > 1 else Qt.CursorShape.ArrowCursor)

    def _read_full(self) -> None:
        """Read the image in full size when it is zoomed beyond the pixels read so far."""
        is_reduced = max(self._image.width(), self._image.height()) >= LONGEST_SIDE
        if is_reduced and not self._is_full and self._target().width() > self._image.width():
            self._is_full = True
            self._submit(self._path, FULL_SIDE)

    def _submit(self, path: str, side: int) -> None:
        reading = _Reading(id(self), path, side)
        self._waiting.add(reading)
        self._background.submit(reading, reading)

    @Slot(object, object)
    def _arrived(self, key: object, result: object) -> None:
        if not isinstance(key, _Reading) or key.owner != id(self):
            return
        self._waiting.discard(key)
        image = result if isinstance(result, QImage) else QImage()
        if key.side == LONGEST_SIDE:
            self._ahead[key.path] = image
            self._ahead.move_to_end(key.path)
            while len(self._ahead) > MOST_CACHED:
                self._ahead.popitem(last=False)
        if key.path != self._path or (self._is_full and key.side != FULL_SIDE):
            return
        self._image = image
        if self._image.isNull():
            self._words = f"No preview of {Path(self._path).name}"
        self.update()
