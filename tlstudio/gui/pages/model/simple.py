"""The simple view of the Model page: what do you want?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.core.freeze_words import line_words
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.filter import Counts
from tlstudio.gui.pages.model.cases import CasesPanel, special_cases
from tlstudio.gui.pages.model.choice import choose_strategy
from tlstudio.gui.pages.model.cost import Estimator
from tlstudio.gui.pages.model.cost_text import about
from tlstudio.gui.pages.model.plan import PlanCard
from tlstudio.gui.pages.model.text import AUTO
from tlstudio.gui.pages.model.way_times import WayTimes
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.choice_card import ChoiceCard, card_label
from tlstudio.gui.widgets.basics.folding import FoldingRow
from tlstudio.models.catalogue import BackboneInfo
from tlstudio.report.recipe_text import strategy_words
from tlstudio.specs import CHOOSE_FOR_ME, STRATEGIES
from tlstudio.specs.spec import WaySpec

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe

SIDE_BY_SIDE_PIXELS = 560
BY_HAND = "Now set by hand under “All settings”: {what}. One of the choices above replaces that."


class SimplePanel(QWidget):
    """Cards of the ways for most cases, small ones of the others, and what the chosen one will do.

    Args:
        app_state: Gives the images.
        estimator: Of the page; what it knows of a way is not measured again.

    Signals:
        way_chosen: Id of a strategy, or of "Choose for me".
    """

    way_chosen = Signal(str)

    def __init__(self, app_state: AppState, *, estimator: Estimator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: dict[str, ChoiceCard] = {}
        self.times: dict[str, QLabel] = {}
        self._group = QButtonGroup(self)
        self._ways = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._ways.setSpacing(12)
        for way in plain_ways():
            self._add(way)
        self._group.buttonClicked.connect(self._clicked)
        self._way_times = WayTimes(app_state, known=estimator.known, parent=self)
        self._way_times.measured.connect(self._show_time)
        title = QLabel("What do you want?")
        title.setProperty("title", True)
        self.by_hand = QLabel()
        self.by_hand.setProperty("muted", True)
        self.by_hand.setWordWrap(True)
        self.cases = CasesPanel(special_cases())
        self.plan = PlanCard(app_state)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(12)
        rows.addWidget(title)
        rows.addLayout(self._ways)
        rows.addWidget(self.cases)
        rows.addWidget(self.by_hand)
        rows.addWidget(self.plan)
        rows.addStretch(1)

    def _add(self, way: WaySpec) -> None:
        card, time = ChoiceCard(), card_label("")
        time.setWordWrap(False)
        card.body.addWidget(FoldingRow(card_label(way.plain_title, look="title"), time))
        card.body.addWidget(card_label(way.plain_summary))
        card.body.addStretch(1)
        card.setAccessibleName(way.plain_title)
        card.setAccessibleDescription(way.plain_summary)
        self._group.addButton(card)
        self._ways.addWidget(card, 1)
        self.cards[way.id], self.times[way.id] = card, time

    def show_recipe(self, recipe: Recipe, *, info: BackboneInfo, counted: Counts) -> None:
        """Mark the card whose settings a recipe has, if there is one, and say what the recipe does.

        Args:
            recipe: The draft.
            info: Its backbone.
            counted: The images.
        """
        chosen = chosen_way(recipe, stages=[stage.name for stage in info.stages])
        self._group.setExclusive(False)
        for way, card in self.cards.items():
            card.setChecked(way == chosen)
        self._group.setExclusive(True)
        case = "" if chosen or recipe.strategy not in self.cases.cards else recipe.strategy
        self.cases.mark(case)
        known = strategy_words(recipe.strategy)
        what = f"{known} {line_words(recipe.freeze)}" if recipe.freeze != "head" else known
        self.by_hand.setText("" if chosen or case else BY_HAND.format(what=what))
        self.by_hand.setVisible(bool(self.by_hand.text()))
        self.plan.show_recipe(recipe, info, counted)

    def measure(self, recipe: Recipe, *, stages: Sequence[str]) -> None:
        """Measure how long each way would take with these settings."""
        self._way_times.request(
            {way: _taken(recipe, way, stages=stages).model_dump(mode="json") for way in self.cards}
        )

    def stop_measuring(self) -> None:
        """Measure no more."""
        self._way_times.stop()

    @Slot(str, dict)
    def _show_time(self, way: str, estimate: Mapping[str, Any]) -> None:
        seconds = estimate.get("total_seconds")
        self.times[way].setText("" if seconds is None else about(seconds))

    def focus_choice(self) -> None:
        """Focus the chosen card, so that arrow keys choose another one."""
        (self._group.checkedButton() or next(iter(self.cards.values()))).setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the cards below each other where the panel is narrow; a high one has a larger picture."""
        super().resizeEvent(event)
        self.plan.picture.fit_into(event.size())
        wide = event.size().width() >= theme().pixels(SIDE_BY_SIDE_PIXELS)
        direction = QBoxLayout.Direction
        self._ways.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    @Slot(object)
    def _clicked(self, clicked: object) -> None:
        self.way_chosen.emit(next(way for way, card in self.cards.items() if card is clicked))


class ViewSwitch(QFrame):
    """Two chips: the simple view, or all settings.

    Signals:
        simple_chosen: Whether the simple view was chosen.
    """

    simple_chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.simple = Chip("Simple", checkable=True, tip="Show a few choices in plain words")
        self.all_settings = Chip(
            "All settings", checkable=True, tip="Show and change everything: backbone, stages, head, strategy"
        )
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addStretch(1)
        for chip in (self.simple, self.all_settings):
            self._group.addButton(chip)
            row.addWidget(chip)
        self._group.buttonClicked.connect(self._clicked)

    def show_view(self, *, simple: bool) -> None:
        """Mark the view that is shown."""
        (self.simple if simple else self.all_settings).setChecked(True)

    @Slot(object)
    def _clicked(self, chip: object) -> None:
        self.simple_chosen.emit(chip is self.simple)


def plain_ways() -> list[WaySpec]:
    """The ways that suit most cases; letting the data choose comes first."""
    return [CHOOSE_FOR_ME, *(spec for spec in STRATEGIES if spec.default)]


def chosen_way(recipe: Recipe, *, stages: Sequence[str]) -> str:
    """Id of the card of the simple view that sets this strategy and freeze line; empty when none does."""
    if recipe.freeze == AUTO:
        return AUTO
    if recipe.strategy not in [way.id for way in plain_ways()]:
        return ""
    unset = recipe.model_copy(update={"freeze": "head"})
    wanted = choose_strategy(unset, recipe.strategy, stages=stages).changes.get("freeze", recipe.freeze)
    return recipe.strategy if recipe.freeze == wanted else ""


def _taken(recipe: Recipe, way: str, *, stages: Sequence[str]) -> Recipe:
    """The recipe as it is once the card of a way is pressed."""
    if chosen_way(recipe, stages=stages) == way:
        return recipe
    others = {"freeze": "head", "strategy_options": {}, "inputs": {}}
    unset = recipe.model_copy(update=others)
    changes = choose_strategy(unset, way, stages=stages).changes
    if backbone := changes.pop("backbone", None):
        changes["backbone"] = unset.backbone.model_copy(update=backbone)
    return unset.model_copy(update=changes)
