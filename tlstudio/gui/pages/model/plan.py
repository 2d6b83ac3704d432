"""The card of the Model page's simple view that says and shows what will happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.filter import Counts
from tlstudio.gui.pages.model.choice import strategy_of
from tlstudio.gui.pages.model.cost_text import short
from tlstudio.gui.pages.model.flow_picture import FlowPicture, one_of_each
from tlstudio.gui.pages.model.plan_text import (
    PlanStep,
    kept_words,
    learning_words,
    parts_of,
    plan_steps,
    seconds_of,
)
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.icons import drawing
from tlstudio.models.catalogue import BackboneInfo

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe

SYMBOL_PIXELS = 16
NUMBER_PIXELS = 22


class PlanCard(Card):
    """A picture of the way from the images to the classes, and the steps of the training with their times.

    Args:
        app_state: Gives the images and the looks of their classes.
    """

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("What will happen", parent)
        self._app_state = app_state
        self._steps: tuple[PlanStep, ...] = ()
        self.picture = FlowPicture(app_state.background)
        self.kept, self.learning = _SymbolLine("frozen", "ice"), _SymbolLine("training", "fire")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(12)
        self._grid.setColumnStretch(1, 1)
        self.rows: list[_StepRow] = []
        self.body.addWidget(self.picture)
        for line in (self.kept, self.learning):
            self.body.addWidget(line)
        self.body.addSpacing(8)
        self.body.addLayout(self._grid)

    def show_recipe(self, recipe: Recipe, info: BackboneInfo, counted: Counts) -> None:
        """Show what a training with a recipe does; without times, until they are measured.

        Args:
            recipe: The draft.
            info: Its backbone.
            counted: The images.
        """
        project = self._app_state.project
        if project is None:
            return
        parts = parts_of(info, recipe)
        looks = [look for look in self._app_state.edits.looks() if counted.by_class.get(look.name)]
        labelled = [(image.label(), image.path) for image in self._app_state.images()]
        self.picture.show_flow(
            images=one_of_each(labelled, root=project.images_root), parts=parts, classes=looks
        )
        self.kept.set_text(kept_words(info, parts))
        self.learning.set_text(learning_words(parts, strategy_of(recipe)))
        steps = plan_steps(recipe, info, classes=[look.name for look in looks], counted=counted)
        if steps != self._steps:
            self._show_steps(steps)

    def show_cost(self, estimate: Mapping[str, Any]) -> None:
        """Show how long each step takes."""
        for step, row in zip(self._steps, self.rows, strict=False):
            seconds = seconds_of(step, estimate)
            row.seconds.setText("" if seconds is None else short(seconds))

    def forget_cost(self) -> None:
        """Show no times: they are those of another choice."""
        for row in self.rows:
            row.seconds.clear()

    def _show_steps(self, steps: Sequence[PlanStep]) -> None:
        self._steps = tuple(steps)
        while len(self.rows) < len(steps):
            self.rows.append(_StepRow(self._grid, number=len(self.rows) + 1))
        for number, row in enumerate(self.rows):
            row.show_step(steps[number] if number < len(steps) else None)


class _StepRow:
    """Number, words and time of a step, in a row of a grid."""

    def __init__(self, grid: QGridLayout, *, number: int) -> None:
        self.number, self.title, self.text, self.seconds = _Number(number), QLabel(), QLabel(), QLabel()
        self.title.setProperty("heading", True)
        for label in (self.text, self.seconds):
            label.setProperty("muted", True)
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.words = QWidget()
        words = QVBoxLayout(self.words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.text)
        grid.addWidget(self.number, number, 0, _TOP)
        grid.addWidget(self.words, number, 1)
        grid.addWidget(self.seconds, number, 2, _TOP | Qt.AlignmentFlag.AlignRight)

    def show_step(self, step: PlanStep | None) -> None:
        """Show a step; None hides the row."""
        if step is not None:
            self.title.setText(step.title)
            self.text.setText(step.text)
            self.seconds.clear()
        for widget in (self.number, self.words, self.seconds):
            widget.setVisible(step is not None)


_TOP = Qt.AlignmentFlag.AlignTop


class _Number(QWidget):
    """The number of a step in a circle, as beside the pages."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = str(number)
        self.setAccessibleName(f"Step {number}")
        theme().changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        side = theme().pixels(NUMBER_PIXELS)
        self.setFixedSize(side, side)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the circle and the number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("muted"), 1.3))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.setPen(theme().color("text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._number)


class _SymbolLine(QWidget):
    """A symbol of the picture and what it means; hidden while there is nothing to say."""

    def __init__(self, symbol: str, token: str) -> None:
        super().__init__()
        self._symbol, self._token = symbol, token
        self._picture, self.words = QLabel(), QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._picture, 0, _TOP)
        row.addWidget(self.words, 1)
        theme().changed.connect(self._colour)
        self._colour()

    def set_text(self, words: str) -> None:
        """Say something else."""
        self.words.setText(words)
        self.setVisible(bool(words))

    @Slot()
    def _colour(self) -> None:
        side = theme().pixels(SYMBOL_PIXELS)
        self._picture.setPixmap(drawing(self._symbol, colour=theme().color(self._token).name(), size=side))
