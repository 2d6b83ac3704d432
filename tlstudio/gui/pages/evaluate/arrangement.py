"""The arrangement of the Evaluate page: which card stands where, and how much room it needs."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.folding import FoldingPage, Part

Place = Literal["errors", "images", "trust", "further"]
"""A column of cards below each other: where it errs, the images, what can be trusted. Cards of the last place
stand side by side below the three columns."""

COLUMNS: tuple[tuple[Place, int, int], ...] = (("errors", 39, 330), ("images", 38, 270), ("trust", 23, 220))
"""Each column with its share of the width and its least width in pixels."""
FURTHER_PIXELS = 300
GAP_PIXELS = 10


class EvaluationCard(Card):
    """A card that shows something of an evaluation, and is told of each that the page shows.

    Subclasses say what they show of it; without, they show nothing.
    """

    def show_evaluation(self, images: EvaluatedImages, *, run: EvaluatedRun) -> None:
        """Show it.

        Args:
            images: What is shown; its evaluation has one label column, the chosen one.
            run: Whose classifier was evaluated.
        """


class Arrangement:
    """Collects the cards of the page; a card is added by one call of `put`."""

    def __init__(self) -> None:
        self._cards: dict[Place, list[tuple[Card, int]]] = {}

    def put(self, card: Card, place: Place, *, least_height: int) -> None:
        """Add a card below, or to the right of, those of the same place.

        Args:
            card: An `EvaluationCard` is told of each evaluation; another one is filled by who made it.
            place: Where.
            least_height: In pixels at the usual text size. Height that is left goes to the cards of a column
                in proportion.
        """
        self._cards.setdefault(place, []).append((card, least_height))

    @property
    def followers(self) -> tuple[EvaluationCard, ...]:
        """The cards that are told of each evaluation."""
        cards = (card for placed in self._cards.values() for card, _ in placed)
        return tuple(card for card in cards if isinstance(card, EvaluationCard))

    def page(self, *, head: QWidget) -> FoldingPage:
        """Make the page of all cards.

        Args:
            head: Above all of them.
        """
        parts = [
            Part(
                widget=_column(self._cards[place]),
                share=share,
                least_width=width,
                least_height=sum(height + GAP_PIXELS for _, height in self._cards[place]) - GAP_PIXELS,
            )
            for place, share, width in COLUMNS
            if place in self._cards
        ]
        parts += [
            Part(
                widget=card,
                share=1,
                least_width=FURTHER_PIXELS,
                least_height=height,
                starts_row=not number,
            )
            for number, (card, height) in enumerate(self._cards.get("further", ()))
        ]
        return FoldingPage(*parts, name="Figures and images", head=head)


def _column(cards: list[tuple[Card, int]]) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(GAP_PIXELS)
    for card, height in cards:
        layout.addWidget(card, height)
    layout.addStretch()  # where no card of the column takes more room
    return column
