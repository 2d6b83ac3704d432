"""The middle of the Model page: the stack of stages with its freeze line, presets, and advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from tlstudio.gui.pages.model.text import (
    AUTO,
    advice,
    advice_for_auto,
    freeze_value,
    frozen_count,
    head_weights,
    head_words,
    relative_rates,
)
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.layer_stack import LayerStack, StackStage
from tlstudio.models.catalogue import BackboneInfo
from tlstudio.specs.freeze_line import top_stages_frozen

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe

LEAST_STACK_PIXELS = 150
HEADING_PIXELS = 32
"""Height of the headings: that of the button beside the heading of the backbones, so that both are level."""


class StackPanel(QWidget):
    """Shows which stages are frozen and which train; the person moves the freeze line.

    Signals:
        freeze_chosen: The recipe's new `freeze`: "head", "none", "auto" or a stage.
    """

    freeze_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        title = QLabel("Frozen stages")
        title.setProperty("title", True)
        title.setMinimumHeight(HEADING_PIXELS)
        self.head_only = Chip(
            "Only the head", checkable=True, tip="All stages are frozen; only the new head learns"
        )
        self.top_stages = Chip(
            "Top stages", checkable=True, tip="The upper stages learn, the lower ones stay as they are"
        )
        self.everything = Chip("Everything", checkable=True, tip="Nothing is frozen; all weights learn")
        self.for_me = Chip(
            "Choose for me",
            checkable=True,
            tip="Tries on your images how many stages should train, and takes what is clearly best",
        )
        self._presets = QButtonGroup(self)
        bar = QWidget()
        flow = FlowLayout(bar, spacing=8)
        flow.addWidget(title)
        for chip in (self.head_only, self.top_stages, self.everything, self.for_me):
            self._presets.addButton(chip)
            flow.addWidget(chip)
        self._presets.buttonClicked.connect(self._preset)
        self.stack = LayerStack()
        self.stack.frozen_changed.connect(self._moved)
        self._why = ("", "")
        self.worrying = False
        theme().changed.connect(self._show_advice)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.stack)
        scroll.setMinimumHeight(LEAST_STACK_PIXELS)
        self.stack.setAutoFillBackground(False)  # setWidget turned it on; the card shows through
        scroll.viewport().setAutoFillBackground(False)
        self.waiting = QLabel()
        self.waiting.setProperty("muted", True)
        self.waiting.setWordWrap(True)
        card = Card()
        card.body.addWidget(self.waiting)
        card.body.addWidget(scroll, 1)
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setTextFormat(Qt.TextFormat.RichText)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setProperty("muted", True)
        why = Card()
        why.body.addWidget(self.why)
        why.body.addWidget(self.note)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(bar)
        layout.addWidget(card, 1)
        layout.addWidget(why)
        self.show_note("")

    def show_choice(self, info: BackboneInfo, recipe: Recipe, *, classes: int, train_images: int) -> None:
        """Show a backbone with the draft's settings.

        Args:
            info: Without stages while they are not known.
            recipe: The draft.
            classes: Classes that have images.
            train_images: Images to learn from.
        """
        self._names = tuple(stage.name for stage in info.stages)
        known = bool(self._names)
        self.stack.setVisible(known)
        self.waiting.setVisible(not known)
        self.waiting.setText(f"Looking at the stages of {info.title}…")
        for chip in self._presets.buttons():
            chip.setEnabled(known)
        if not known:
            self._why = ("", "")
            self._show_advice()
            return
        frozen, is_auto = frozen_count(recipe.freeze, self._names), recipe.freeze == AUTO
        head = head_weights(recipe.head, feature_size=info.feature_size, classes=classes)
        rates = relative_rates(len(self._names), recipe.optimiser)
        self.stack.set_stack(
            [
                StackStage(name=stage.name, weights=stage.parameters, rate=rate)
                for stage, rate in zip(info.stages, rates, strict=True)
            ],
            head=head_words(recipe.head, classes=classes),
            head_weights=head,
            input_text=f"{info.input_size} × {info.input_size} photo",
            frozen=frozen,
            undecided=len(self._names) - frozen if is_auto else 0,
        )
        self._presets.setExclusive(False)
        count = len(self._names)
        for chip, place in ((self.top_stages, top_stages_frozen(count)), (self.everything, 0)):
            chip.setChecked(frozen == place and frozen < count and not is_auto)
        self.head_only.setChecked(frozen == count)
        self.for_me.setChecked(is_auto)
        self._presets.setExclusive(any(chip.isChecked() for chip in self._presets.buttons()))
        words = (
            advice_for_auto(self._names)
            if is_auto
            else advice(info, frozen=frozen, head=head, train_images=train_images)
        )
        self.worrying = words.worrying
        question = "What will be tried?" if is_auto else "Why here?"
        self._why = ("Mind" if words.worrying else question, words.text)
        self._show_advice()

    @Slot()
    def _show_advice(self) -> None:
        title, text = self._why
        colour = theme().colours.warn if self.worrying else theme().colours.text
        self.why.setText(f'<b style="color:{colour}">{title}</b> {text}')

    def show_note(self, words: str) -> None:
        """Show a sentence about what else changed; empty hides it."""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    @Slot(int)
    def _moved(self, frozen: int) -> None:
        self.freeze_chosen.emit(freeze_value(frozen, self._names))

    @Slot(object)
    def _preset(self, chip: object) -> None:
        if chip is self.for_me:
            self.freeze_chosen.emit(AUTO)
            return
        count = len(self._names)
        frozen = {self.head_only: count, self.top_stages: top_stages_frozen(count), self.everything: 0}
        self.freeze_chosen.emit(freeze_value(frozen[chip], self._names))  # type: ignore[index]  # a preset
