"""The app's own line drawings, in any size and colour."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from tlstudio.core.files import resource

RATIO = 2.0
"""Physical pixels per device-independent pixel; crisp on dense screens, small enough for all others."""


@lru_cache(maxsize=128)
def drawing(name: str, *, colour: str, size: int) -> QPixmap:
    """A drawing of `resources/icons` as a pixmap.

    Args:
        name: File name without its ending.
        colour: `#rrggbb`, takes the place of `currentColor`.
        size: Width and height in device-independent pixels.
    """
    svg = resource(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    side = round(size * RATIO)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode("utf-8"))).render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(RATIO)
    return pixmap


def icon(name: str, *, colour: str, size: int = 16) -> QIcon:
    """A drawing as an icon for buttons and menus; the arguments are those of `drawing`."""
    return QIcon(drawing(name, colour=colour, size=size))


@lru_cache(maxsize=256)
def square_icon(colour: str) -> QIcon:
    """A small square with round corners in a colour (`#rrggbb`), as before the name of a class."""
    pixmap = QPixmap(20, 20)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colour))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(1, 1, 18, 18, 6, 6)
    painter.end()
    return QIcon(pixmap)
