"""A picture of what happens to the images: they pass what stays as it is and what learns, to the classes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.gui.class_looks import ClassLook
from tlstudio.gui.engine_client import Background
from tlstudio.gui.pages.model.plan_text import Parts
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.icons import drawing
from tlstudio.gui.widgets.images.thumbnails import Thumbnails

LEAST_PIXELS, LOWEST_PIXELS, HIGHEST_PIXELS = 200, 104, 180
IMAGES_SHOWN, CLASSES_SHOWN = 3, 5
SHARE_OF_HEIGHT, SHARE_OF_WIDTH = 0.22, 0.18
EDGE_PIXELS, FAN_PIXELS, GAP_PIXELS, ARROW_PIXELS = 14, 18, 8, 34
MOST_FOR_CLASSES, SQUARE_PIXELS = 0.45, 9
ROOMY_PIXELS = 720
"""Least width at which the images lie side by side."""
LEAST_ICON_ROOM, PART_GAP, LAST_LAYER_GAP = 18, 4, 10
UNKNOWN_PARTS = 5
"""Parts drawn while those of a backbone are not known."""


class FlowPicture(QWidget):
    """Three of the images, the parts of the backbone with the new last layer, and the classes.

    Args:
        background: Makes the small images.
    """

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = Thumbnails(background, side=2 * HIGHEST_PIXELS, parent=self)
        self._thumbnails.ready.connect(self._image_ready)
        self._images: tuple[str, ...] = ()
        self._classes: tuple[ClassLook, ...] = ()
        self._parts = Parts(kept=0, total=0, is_tried=False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)
        theme().changed.connect(self.update)

    def show_flow(self, *, images: Sequence[str], parts: Parts, classes: Sequence[ClassLook]) -> None:
        """Show other images, parts or classes.

        Args:
            images: Paths; the first few are shown.
            parts: Of the backbone.
            classes: Those that have images; the first few are named.
        """
        self._images = tuple(images[:IMAGES_SHOWN])
        self._parts, self._classes = parts, tuple(classes)
        self.update()

    def sizeHint(self) -> QSize:
        """Size of the picture."""
        return QSize(theme().pixels(480), theme().pixels(LOWEST_PIXELS))

    def minimumSizeHint(self) -> QSize:
        """Smallest width at which the parts can be told apart."""
        return QSize(theme().pixels(LEAST_PIXELS), theme().pixels(LOWEST_PIXELS))

    def fit_into(self, room: QSize) -> None:
        """Become as high as looks good in what holds it."""
        low, high = theme().pixels(LOWEST_PIXELS), theme().pixels(HIGHEST_PIXELS)
        wanted = round(min(SHARE_OF_HEIGHT * room.height(), SHARE_OF_WIDTH * room.width()))
        self.setFixedHeight(min(max(wanted, low), high))

    @Slot(str)
    def _image_ready(self, path: str) -> None:
        if path in self._images:
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it from left to right; the classes' names get what room there is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side, arrow = self.height() - 2 * EDGE_PIXELS, theme().pixels(ARROW_PIXELS)
        is_roomy = self.width() >= theme().pixels(ROOMY_PIXELS)
        image = min(side, self.width() // (8 if is_roomy else 5))
        left = self._draw_images(
            painter, side=image, step=image + GAP_PIXELS if is_roomy else theme().pixels(FAN_PIXELS)
        )
        room = self.width() - left - 2 * arrow
        for_classes = max(
            min(
                self._names_width([look.name for look in self._classes[:CLASSES_SHOWN]]),
                room * MOST_FOR_CLASSES,
            ),
            self._names_width([]),
        )
        self._draw_arrow(painter, left, arrow)
        parts = QRectF(left + arrow, (self.height() - side) / 2, max(room - for_classes, 40), side)
        self._draw_parts(painter, parts)
        self._draw_arrow(painter, parts.right(), arrow)
        names_left = parts.right() + arrow
        self._draw_classes(
            painter, QRectF(names_left, 0, min(for_classes, self.width() - names_left), self.height())
        )

    def _draw_images(self, painter: QPainter, *, side: int, step: int) -> float:
        """Draw the images beside each other, or like cards; returns where they end."""
        top = (self.height() - side) / 2
        for number in reversed(range(len(self._images))):
            behind = 4 * number if step < side else 0
            place = QRectF(number * step, top, side, side).adjusted(0, behind, 0, -behind)
            shape = QPainterPath()
            shape.addRoundedRect(place, 7, 7)
            painter.fillPath(shape, theme().color("line"))
            pixmap = self._thumbnails.get(self._images[number])
            if pixmap is not None:
                painter.save()
                painter.setClipPath(shape)
                painter.drawPixmap(place, pixmap, _middle(pixmap, place))
                painter.restore()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("surface"), 2))
            painter.drawPath(shape)
        return side + step * max(len(self._images) - 1, 0)

    def _draw_arrow(self, painter: QPainter, left: float, width: int) -> None:
        middle, tip = self.height() / 2, left + width - 8
        painter.setPen(QPen(theme().color("muted"), 1.6))
        painter.drawLine(QPointF(left + 8, middle), QPointF(tip, middle))
        painter.drawPolyline(
            [QPointF(tip - 5, middle - 5), QPointF(tip, middle), QPointF(tip - 5, middle + 5)]
        )

    def _draw_parts(self, painter: QPainter, area: QRectF) -> None:
        total = self._parts.total or UNKNOWN_PARTS
        kept = self._parts.kept if self._parts.total else total
        width = (area.width() - LAST_LAYER_GAP - PART_GAP * (total - 1)) / (total + 1)
        for number in range(total + 1):
            left = area.left() + number * (width + PART_GAP) + (LAST_LAYER_GAP - PART_GAP) * (number == total)
            learns = number >= kept
            token = "fire" if learns else "ice"
            is_tried = self._parts.is_tried and learns and number < total
            painter.setBrush(theme().color(f"{token}_soft"))
            style = Qt.PenStyle.DashLine if is_tried else Qt.PenStyle.SolidLine
            painter.setPen(QPen(theme().color(token), 1.4, style))
            # What learns stands out by its height too, not by colour alone.
            place = QRectF(left, area.top(), width, area.height())
            place.adjust(0, 0 if learns else 8, 0, 0 if learns else -8)
            painter.drawRoundedRect(place, 5, 5)
            if width >= LEAST_ICON_ROOM:
                size = round(min(width - 4, 20))
                symbol = drawing(
                    "training" if learns else "frozen", colour=theme().color(token).name(), size=size
                )
                centre = place.center()
                painter.drawPixmap(QPointF(centre.x() - size / 2, centre.y() - size / 2), symbol)

    def _names_width(self, names: Sequence[str]) -> float:
        """Room for these names, and at least for how many more there are."""
        metrics = QFontMetricsF(self.font())
        widest = max(map(metrics.horizontalAdvance, [*names, f"and {len(self._classes)} more"]))
        return widest + theme().pixels(SQUARE_PIXELS) + GAP_PIXELS

    def _draw_classes(self, painter: QPainter, area: QRectF) -> None:
        metrics = QFontMetricsF(self.font())
        line = metrics.height() + 3
        count = min(CLASSES_SHOWN, int(area.height() // line), len(self._classes))
        more = len(self._classes) - count
        if more and count > 1:
            count, more = count - 1, more + 1
        top = (area.height() - (count + bool(more)) * line) / 2
        square = theme().pixels(SQUARE_PIXELS)
        indent = square + GAP_PIXELS - 1
        for number, look in enumerate(self._classes[:count]):
            middle = top + (number + 0.5) * line
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.colour))
            painter.drawRoundedRect(QRectF(area.left(), middle - square / 2, square, square), 2.5, 2.5)
            self._write(painter, look.name, area, middle=middle, indent=indent)
        if more:
            self._write(
                painter,
                f"and {more} more",
                area,
                middle=top + (count + 0.5) * line,
                indent=indent,
                token="muted",
            )

    def _write(
        self, painter: QPainter, text: str, area: QRectF, *, middle: float, indent: int, token: str = "text"
    ) -> None:
        metrics = QFontMetricsF(self.font())
        place = QRectF(
            area.left() + indent, middle - metrics.height() / 2, area.width() - indent, metrics.height()
        )
        painter.setPen(theme().color(token))
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)


def one_of_each(paths_by_class: Sequence[tuple[str | None, str]], *, root: Path) -> tuple[str, ...]:
    """Absolute paths of the first image of each of the first classes.

    Args:
        paths_by_class: Label and path of each image, in order.
        root: Folder that the paths begin in.
    """
    first: dict[str, str] = {}
    for label, path in paths_by_class:
        if label is not None and label not in first:
            first[label] = str(root / path)
            if len(first) == IMAGES_SHOWN:
                break
    return tuple(first.values())


def _middle(pixmap: QPixmap, place: QRectF) -> QRectF:
    """The largest part of a picture that has the shape of a place."""
    scale = min(pixmap.width() / place.width(), pixmap.height() / place.height())
    width, height = place.width() * scale, place.height() * scale
    return QRectF((pixmap.width() - width) / 2, (pixmap.height() - height) / 2, width, height)
