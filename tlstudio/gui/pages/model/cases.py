"""The small cards of the simple view: strategies for special cases, each with what it needs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.core.wording import named
from tlstudio.gui.pages.model.text import EXPLAINED, EXPLAINED_TIP
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.buttons import link_button
from tlstudio.gui.widgets.basics.choice_card import ChoiceCard, card_label
from tlstudio.gui.widgets.basics.folding import FoldingRow
from tlstudio.gui.widgets.basics.term_tips import with_terms
from tlstudio.specs import STRATEGIES
from tlstudio.specs.spec import StrategySpec

LEAST_CARD_PIXELS = 215
SPACING_PIXELS = 12


class CasesPanel(QWidget):
    """One card for each strategy; hidden without any.

    Args:
        cases: The strategies, in the order of the cards.

    Signals:
        case_chosen: Id of the strategy whose card was pressed.
    """

    case_chosen = Signal(str)

    def __init__(self, cases: Sequence[StrategySpec], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, ChoiceCard] = {}
        self._columns = 0
        title = QLabel("Or is one of these your case?")
        title.setProperty("heading", True)
        title.setWordWrap(True)
        self.explained = link_button(EXPLAINED, tip=EXPLAINED_TIP)
        self.explained.clicked.connect(self._explain)
        self._grid = QGridLayout()
        self._grid.setSpacing(SPACING_PIXELS)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        rows.addWidget(FoldingRow(title, self.explained))
        rows.addLayout(self._grid)
        for spec in cases:
            self.cards[spec.id] = self._card(spec)
        self._arrange(1)
        if not self.cards:  # shown before it lies in the page, it would flash on the screen
            self.hide()

    def mark(self, strategy: str) -> None:
        """Mark the card of a strategy, and no other one.

        Args:
            strategy: Its id; one without a card marks none.
        """
        for name, card in self.cards.items():
            card.setChecked(name == strategy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many cards side by side as can be read."""
        super().resizeEvent(event)
        self._arrange(columns_of(len(self.cards), room=event.size().width() / theme().pixels(1)))

    def _card(self, spec: StrategySpec) -> ChoiceCard:
        card = ChoiceCard()
        title, summary = case_words(spec)
        card.body.addWidget(card_label(title, look="heading"))
        card.body.addWidget(card_label(summary))
        needs = needs_words(spec)
        if needs:
            small = card_label(needs)
            small.setProperty("small", True)
            card.body.addWidget(small)
        card.body.addStretch(1)
        card.setAccessibleName(title)
        card.setAccessibleDescription(" ".join(filter(None, (spec.summary, needs))))
        card.setToolTip(with_terms(spec.summary, text=f"{title} {summary}"))
        card.clicked.connect(self._clicked)
        return card

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 0)
        self._columns = columns
        for number, card in enumerate(self.cards.values()):
            self._grid.addWidget(card, number // columns, number % columns)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    @Slot()
    def _explain(self) -> None:
        # Imported only now: the window starts without it.
        from tlstudio.gui.dialogs.ways_dialog import show_ways

        chosen = next((name for name, card in self.cards.items() if card.isChecked()), "")
        show_ways(page=chosen, parent=self)

    @Slot()
    def _clicked(self) -> None:
        pressed = self.sender()
        self.case_chosen.emit(next(name for name, card in self.cards.items() if card is pressed))


def special_cases() -> list[StrategySpec]:
    """The strategies for special cases: all but those that are taken when none is named."""
    return [spec for spec in STRATEGIES if not spec.default]


def columns_of(cards: int, *, room: float) -> int:
    """Choose the number of cards side by side: as many as fit, and no row much shorter than the others.

    Args:
        cards: Their number.
        room: Width in pixels at the usual text size.
    """
    fitting = max(int((room + SPACING_PIXELS) // (LEAST_CARD_PIXELS + SPACING_PIXELS)), 1)
    rows = -(-cards // fitting)
    return max(-(-cards // max(rows, 1)), 1)


def case_words(spec: StrategySpec) -> tuple[str, str]:
    """Title and sentence of a strategy's card, in plain words where it has them."""
    return spec.plain_title or spec.title, spec.plain_summary or first_sentence(spec.summary)


def first_sentence(summary: str) -> str:
    """The first sentence of a summary."""
    first, dot, _rest = summary.partition(". ")
    return first + dot.strip()


def needs_words(spec: StrategySpec) -> str:
    """Say what a strategy needs besides the labelled images; empty when it needs nothing."""
    needs = [f"“{wanted.title}”" for wanted in spec.inputs if wanted.required]
    if any(find_spec(package) is None for package in spec.extra_packages):
        needs.append(f"the optional part “{spec.extra}”")
    return f"needs {named(needs)}" if needs else ""
