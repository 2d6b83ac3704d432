"""Thumbnails of image files: made in the background, the newest request first, and cached."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QImageReader, QPainter, QPixmap

from tlstudio.core.values import ValueWindow
from tlstudio.gui.engine_client import Background
from tlstudio.gui.value_windows import shown_windows

CACHE_BYTES = 96 << 20
# Images that scrolled past are not needed any more: only the newest requests are served.
MOST_WAITING = 200
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class _Key:
    owner: int
    path: str
    windows: tuple[ValueWindow, ...] | None


class Thumbnails(QObject):
    """A cache of thumbnails at most `side` pixels wide and high.

    Args:
        background: Does the decoding; shared with others.
        side: Longest side, in device pixels.

    Signals:
        ready: The path whose thumbnail is cached now, or cannot be made.
    """

    ready = Signal(str)

    def __init__(self, background: Background, *, side: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._side = side
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._running: set[str] = set()
        self._cached: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._bytes = 0
        background.done.connect(self._arrived)
        shown_windows().changed.connect(self.forget)

    def get(self, path: str) -> QPixmap | None:
        """The thumbnail if it is cached, else None and it is requested; never waits."""
        if path in self._cached:
            self._cached.move_to_end(path)
            return self._cached[path]
        if path not in self._running:
            self._waiting[path] = None
            self._waiting.move_to_end(path)
            while len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
            self._start_requests()
        return None

    def cannot_show(self, path: str) -> bool:
        """Return whether making a thumbnail of the file has failed."""
        return path in self._cached and self._cached[path] is None

    @Slot()
    def forget(self) -> None:
        """Empty the cache, e.g. when another project is opened."""
        self._waiting.clear()
        self._cached.clear()
        self._bytes = 0

    def _start_requests(self) -> None:
        while self._waiting and len(self._running) < AT_ONCE:
            path, _ = self._waiting.popitem(last=True)
            self._running.add(path)
            windows = shown_windows().windows
            self._background.submit(_Key(id(self), path, windows), _Reading(path, self._side, windows))

    @Slot(object, object)
    def _arrived(self, key: object, result: object) -> None:
        if not isinstance(key, _Key) or key.owner != id(self):
            return
        self._running.discard(key.path)
        if key.windows != shown_windows().windows:  # it looks different by now
            self._waiting[key.path] = None
            self._start_requests()
            return
        pixmap = QPixmap.fromImage(result) if isinstance(result, QImage) and not result.isNull() else None
        self._cached[key.path] = pixmap
        self._bytes += _bytes(pixmap)
        while self._bytes > CACHE_BYTES and len(self._cached) > 1:
            _, oldest = self._cached.popitem(last=False)
            self._bytes -= _bytes(oldest)
        self.ready.emit(key.path)
        self._start_requests()


@dataclass(frozen=True, slots=True)
class _Reading:
    path: str
    side: int
    windows: tuple[ValueWindow, ...] | None

    def __call__(self) -> QImage:
        return read_small(self.path, side=self.side, windows=self.windows)


def read_small(path: str, *, side: int, windows: tuple[ValueWindow, ...] | None = None) -> QImage:
    """Read an image at a reduced size, turned as its EXIF says. Slow; call it off the GUI thread.

    Formats that Qt does not know (DICOM, camera raw, …) go through the decoder that training uses.

    Args:
        path: Absolute path.
        side: Longest side, in pixels; smaller images are not enlarged.
        windows: Windows of values for images with more than 8 bits; None where there are no such images.

    Returns:
        A null image when nothing can read the file.
    """
    if not Path(path).is_file():
        return QImage()  # Qt would wait for a pipe for ever
    image = _deep(path, windows) if windows is not None else QImage()
    if image.isNull():
        image = _ordinary(path, side=side)
    if max(image.width(), image.height()) > side:
        image = image.scaled(
            side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return _on_white(image) if image.hasAlphaChannel() else image


def _ordinary(path: str, *, side: int) -> QImage:
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > side:
        reader.setScaledSize(_inside(size, side))
    image = reader.read()
    return _decoded(path) if image.isNull() else image


def _deep(path: str, windows: tuple[ValueWindow, ...]) -> QImage:
    """An image with more than 8 bits through its window of values; a null image for ordinary ones."""
    from tlstudio.data.decode import UnreadableImageError, decode_deep

    try:
        pixels = decode_deep(Path(path), values=windows)
    except (UnreadableImageError, OSError):
        return QImage()
    return QImage() if pixels is None else _image_of(pixels)


def _on_white(image: QImage) -> QImage:
    # Transparent parts are white in training; here they must look the same.
    ground = QImage(image.size(), QImage.Format.Format_RGB32)
    ground.fill(Qt.GlobalColor.white)
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    return ground


def _inside(size: QSize, side: int) -> QSize:
    # At least one pixel: an image of 1 × 60 000 would otherwise get a height of 0.
    return size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))


def _decoded(path: str) -> QImage:
    from tlstudio.data.decode import UnreadableImageError, decode_rgb

    try:
        return _image_of(decode_rgb(Path(path)).pixels)
    except (UnreadableImageError, OSError):
        return QImage()


def _image_of(pixels: Any) -> QImage:
    height, width, _ = pixels.shape
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _bytes(pixmap: QPixmap | None) -> int:
    return pixmap.width() * pixmap.height() * 4 if pixmap is not None else 0
