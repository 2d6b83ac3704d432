"""Shows a figure of report/views, drawn off the GUI thread and at most ten times a second."""

from __future__ import annotations

import gc
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.gui.engine_client import Background
from tlstudio.gui.theme import theme
from tlstudio.specs import VIEWS

log = logging.getLogger(__name__)

SHORTEST_GAP_MS = 100
DOTS_PER_INCH = 96
SMALLEST_PIXELS = 40


@dataclass(frozen=True, slots=True)
class _Key:
    owner: int
    number: int


@dataclass(frozen=True, slots=True)
class _Drawing:
    view_id: str
    values: Mapping[str, Any]
    width: int
    height: int
    scale: float
    text_scale: float
    dark: bool

    def __call__(self) -> QImage:
        return draw_image(
            self.view_id,
            self.values,
            size=QSize(self.width, self.height),
            scale=self.scale,
            text_scale=self.text_scale,
            dark=self.dark,
        )


def draw_image(
    view_id: str,
    values: Mapping[str, Any],
    *,
    size: QSize,
    dark: bool,
    scale: float = 1.0,
    text_scale: float = 1.0,
) -> QImage:
    """Draw a registered view. Slow; call it off the GUI thread.

    Args:
        view_id: Id of the view.
        values: What the view takes.
        size: In device-independent pixels.
        dark: Which of the two looks.
        scale: Device pixels per pixel.
        text_scale: 1.0 is the usual text size.
    """
    _load_drawing()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from tlstudio.report.view import load_view

    # Fewer inches at more dots each: lines and letters grow together with the text size of the window.
    dots = DOTS_PER_INCH * text_scale
    figure = Figure(figsize=(size.width() / dots, size.height() / dots), dpi=dots * scale)
    canvas = FigureCanvasAgg(figure)
    load_view(view_id).draw(figure, values, dark=dark)
    canvas.draw()
    width, height = canvas.get_width_height()
    image = QImage(
        bytes(canvas.buffer_rgba()), width, height, 4 * width, QImage.Format.Format_RGBA8888
    ).copy()
    image.setDevicePixelRatio(scale)
    return image


@cache
def _load_drawing() -> None:
    """Load the drawing library, once, and exempt all objects loaded by now from garbage collection.

    A full collection goes through every object and blocks the whole process meanwhile: with the
    drawing library loaded, 60 to 170 ms on a busy computer, in which the window would stand still.
    """
    from tlstudio.report.view import load_view

    for spec in VIEWS:
        load_view(spec.id)
    gc.freeze()


class FigureView(QWidget):
    """A figure that follows its values, its size and the theme.

    Args:
        background: Does the drawing; shared, so that only one figure is drawn at a time.
        name: Accessible name, e.g. "Loss curve".

    Signals:
        drawn: A newer picture is shown.
    """

    drawn = Signal()

    def __init__(self, background: Background, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._view_id = ""
        self._values: Mapping[str, Any] = {}
        self._image = QImage()
        self._words = ""
        self._number = 0
        self._busy = False
        self._stale = False
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHORTEST_GAP_MS)
        self._timer.timeout.connect(self._draw_if_stale)
        background.done.connect(self._arrived)
        theme().changed.connect(self._redraw)

    def show_view(self, view_id: str, values: Mapping[str, Any], *, description: str = "") -> None:
        """Draw a view with these values soon.

        Args:
            view_id: Id of a registered view.
            values: Not to be changed by the caller afterwards.
            description: The figure in words, for those who do not see it.
        """
        self._view_id, self._values = view_id, values
        if self._words:
            self._words = "Drawing…"  # the first time takes a moment; the previous content is outdated
            self.update()
        self.setAccessibleDescription(description)
        self._redraw()

    def clear(self, words: str = "") -> None:
        """Show a sentence instead of a figure."""
        self._view_id, self._values, self._image, self._words = "", {}, QImage(), words
        self._stale = False  # what was still to be drawn is no longer wanted
        self._number += 1
        self.setAccessibleDescription(words)
        self.update()

    @property
    def is_empty(self) -> bool:
        """True where no figure is shown or about to be drawn."""
        return not self._view_id

    @property
    def image(self) -> QImage:
        """The picture shown; null before the first drawing."""
        return self._image

    def sizeHint(self) -> QSize:
        """A size at which curves can be read."""
        return QSize(420, 240)

    def minimumSizeHint(self) -> QSize:
        """The smallest size at which curves can be made out."""
        return QSize(160, 110)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for the new size."""
        super().resizeEvent(event)
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Draw again when the pixel ratio of the screen changed."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._redraw()

    def showEvent(self, event: Any) -> None:
        """Draw what changed while the widget was hidden."""
        super().showEvent(event)
        self._draw_if_stale()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the newest image, stretched until one of this size is drawn."""
        painter = QPainter(self)
        if self._words:
            painter.setPen(theme().color("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), self._words)
        elif not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self._image)

    @Slot()
    def _redraw(self) -> None:
        self._stale = bool(self._view_id)
        self._draw_if_stale()

    @Slot()
    def _draw_if_stale(self) -> None:
        big_enough = min(self.width(), self.height()) >= SMALLEST_PIXELS
        if not self._stale or self._busy or self._timer.isActive() or not (self.isVisible() and big_enough):
            return
        self._stale, self._busy = False, True
        self._number += 1
        drawing = _Drawing(
            self._view_id,
            self._values,
            self.width(),
            self.height(),
            self.devicePixelRatioF(),
            theme().text_scale,
            theme().is_dark,
        )
        self._background.submit(_Key(id(self), self._number), drawing)
        self._timer.start()

    @Slot(object, object)
    def _arrived(self, key: object, result: object) -> None:
        if not isinstance(key, _Key) or key.owner != id(self):
            return
        self._busy = False
        if key.number == self._number:
            if isinstance(result, QImage):
                self._image, self._words = result, ""
            else:
                log.error("the view %s could not be drawn", self._view_id, exc_info=result)  # type: ignore[arg-type]
                self._words = "This figure could not be drawn."
            self.update()
            self.drawn.emit()
        self._draw_if_stale()
