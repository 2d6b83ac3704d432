"""The five numbered steps at the left, and the button that opens the settings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QSizePolicy, QVBoxLayout, QWidget

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.folding import Stack, scrolling
from tlstudio.gui.widgets.basics.icons import drawing
from tlstudio.gui.widgets.basics.term_tips import with_terms

WIDTH_PIXELS = 184
CIRCLE_PIXELS = 22
PADDING_PIXELS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An entry of the sidebar.

    Attributes:
        page: Id of its page.
        title: One word.
        tip: What one does there.
    """

    page: str
    title: str
    tip: str


class Sidebar(QFrame):
    """The list of steps, at most one of them chosen.

    Signals:
        chosen: Id of the page.
        settings_requested: Settings was pressed.
    """

    chosen = Signal(str)
    settings_requested = Signal()

    def __init__(self, steps: tuple[Step, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("bar", "side")
        self.setAccessibleName("Steps")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 12, 10, 12)
        layout.setSpacing(4)
        list_of_steps = Stack(spacing=4)
        self._group = QButtonGroup(self)
        # Home is no step: then none of them is chosen, which an exclusive group would not allow.
        self._group.setExclusive(False)
        self._buttons: dict[str, StepButton] = {}
        for number, step in enumerate(steps, start=1):
            button = StepButton(step.title, mark=str(number), tip=f"{step.tip} (Ctrl+{number})")
            button.setProperty("page", step.page)
            self._buttons[step.page] = button
            self._group.addButton(button)
            list_of_steps.rows.insertWidget(number - 1, button)
        self._group.buttonClicked.connect(self._clicked)
        layout.addWidget(scrolling(list_of_steps, name="Steps"), 1)
        self.settings_button = StepButton(
            "Settings", mark="", tip="Appearance, text size, threads, folders (Ctrl+,)"
        )
        self.settings_button.setCheckable(False)
        self.settings_button.clicked.connect(self.settings_requested)
        layout.addWidget(self.settings_button)
        theme().changed.connect(self._fit)
        self._fit()

    def set_current(self, page: str) -> None:
        """Mark a page as the one shown; an id that is no step marks none."""
        for name, button in self._buttons.items():
            button.setChecked(name == page)

    def set_step(self, page: str, *, summary: str, done: bool) -> None:
        """Change the small line and the check mark of a step."""
        self._buttons[page].set_state(summary=summary, done=done)

    def button(self, page: str) -> StepButton:
        """The button of a page."""
        return self._buttons[page]

    @Slot(QAbstractButton)
    def _clicked(self, button: QAbstractButton) -> None:
        button.setChecked(True)
        self.chosen.emit(button.property("page"))

    @Slot()
    def _fit(self) -> None:
        self.setFixedWidth(theme().pixels(WIDTH_PIXELS))


class StepButton(QAbstractButton):
    """One step: a circle with a number or a check mark, its title, and a small line below."""

    def __init__(self, title: str, *, mark: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._mark = mark
        self._tip = tip
        self.summary = ""
        self.is_done = False
        self._describe()
        theme().changed.connect(self.updateGeometry)

    def set_state(self, *, summary: str, done: bool) -> None:
        """Change the small line and the check mark."""
        if (summary, done) == (self.summary, self.is_done):
            return
        self.summary, self.is_done = summary, done
        self._describe()
        self.updateGeometry()
        self.update()

    def _describe(self) -> None:
        words = [f"Step {self._mark}: {self.text()}" if self._mark else self.text()]
        words += [self.summary] if self.summary else []
        words += ["done"] if self.is_done else []
        self.setAccessibleName(", ".join(words))
        self.setAccessibleDescription(self._tip)
        tip = "\n".join(filter(None, (self.summary, self._tip)))
        self.setToolTip(with_terms(tip, text=f"{self.text()} {self.summary}"))

    def sizeHint(self) -> QSize:
        """Size of the title and at most two small lines."""
        height = self.fontMetrics().height() + 2 * PADDING_PIXELS
        if self.summary:
            height += self._summary_height()
        return QSize(theme().pixels(150), max(height, theme().pixels(CIRCLE_PIXELS) + 2 * PADDING_PIXELS))

    def minimumSizeHint(self) -> QSize:
        """The same as `sizeHint`."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the step."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        if chosen or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent_soft" if chosen else "bg"))
            painter.drawRoundedRect(self.rect(), 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(theme().color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 7, 7)
        self._paint_mark(painter, "accent" if chosen else "text")
        self._paint_words(painter, "accent" if chosen else "text", bold=chosen)
        painter.end()

    def _paint_mark(self, painter: QPainter, token: str) -> None:
        side = theme().pixels(CIRCLE_PIXELS)
        circle = QRect(10, (self.height() - side) // 2, side, side)
        if not self._mark:
            painter.drawPixmap(
                circle.topLeft(), drawing("settings", colour=getattr(theme().colours, token), size=side)
            )
            return
        painter.setPen(QPen(theme().color(token), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(circle.adjusted(1, 1, -1, -1))
        if self.is_done and not self.isChecked():
            left, middle, step = circle.left() + side * 0.30, circle.center().y() + 1, side * 0.15
            painter.setPen(QPen(theme().color("ok"), 1.8))
            corners = ((left, middle), (left + step, middle + step), (left + 3 * step, middle - step))
            painter.drawPolyline([QPointF(x, y) for x, y in corners])
            return
        painter.setFont(self._small_font())
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, self._mark)

    def _paint_words(self, painter: QPainter, token: str, *, bold: bool) -> None:
        area = self._text_area()
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(theme().color(token))
        line = self.fontMetrics().height()
        below = self._summary_height() if self.summary else 0
        top = (self.height() - line - below) // 2
        painter.drawText(
            QRect(area.left(), top, area.width(), line), Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        if self.summary:
            painter.setFont(self._small_font())
            painter.setPen(theme().color("muted"))
            rect = QRect(area.left(), top + line, area.width(), below)
            painter.drawText(rect, Qt.TextFlag.TextWordWrap, self._shortened(painter))

    def _shortened(self, painter: QPainter) -> str:
        """The small text, elided to two lines at most; the tool tip has all of it."""
        metrics, line = painter.fontMetrics(), self._text_area().width()
        # Where each part fits on a line, the line ends between the parts: "300 images," and "6 classes".
        parts = re.split(r"(?<=[,·]) ", self.summary)
        if len(parts) <= 2 and all(metrics.horizontalAdvance(part) <= line for part in parts):
            between = "\n" if self._summary_lines() > 1 else " "
            return between.join(part.replace(" ", "\u00a0") for part in parts)
        return metrics.elidedText(self.summary, Qt.TextElideMode.ElideRight, int(line * 1.8))

    def _text_area(self) -> QRect:
        left = theme().pixels(CIRCLE_PIXELS) + 20
        return QRect(left, 0, self.width() - left - 6, self.height())

    def _summary_height(self) -> int:
        return QFontMetrics(self._small_font()).height() * self._summary_lines()

    def _summary_lines(self) -> int:
        metrics = QFontMetrics(self._small_font())
        # Measured against the sidebar's fixed width: the button's own is not known before it is laid out.
        room = theme().pixels(WIDTH_PIXELS) - 20 - theme().pixels(CIRCLE_PIXELS) - 26
        # Drawn text may be a little wider than it is measured.
        return 2 if metrics.horizontalAdvance(self.summary) > room - 3 else 1

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(theme().pixels(11))
        return font
