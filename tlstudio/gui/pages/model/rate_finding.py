"""The button beside the learning rate that opens the search for one, and when it can be pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QPushButton

from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.model.choice import strategy_of
from tlstudio.gui.widgets.basics.term_tips import with_terms
from tlstudio.specs import CHOOSE_FOR_ME

if TYPE_CHECKING:
    from tlstudio.specs.recipe import Recipe

FIND_RATE = "&Find a rate…"
FIND_RATE_TIP = (
    "A higher rate learns in fewer steps, but more than the images allow makes the training unstable. This "
    "tries rates from low to high on your training images, shows what they do, and suggests one. It takes "
    "about as long as one to three epochs."
)


class RateFinding(QObject):
    """Opens the dialog that finds a rate, for the project's draft.

    Args:
        app_state: State of the window; a rate that is taken goes into its draft recipe.
        button: Opens the dialog.
    """

    def __init__(self, app_state: AppState, button: QPushButton) -> None:
        super().__init__(button)
        self._app_state, self._button = app_state, button
        button.clicked.connect(self._open)

    def show_readiness(self, recipe: Recipe, *, obstacle: str) -> None:
        """Show whether a rate can be looked for.

        Args:
            recipe: The draft.
            obstacle: Why a training cannot begin; empty when it can.
        """
        strategy = strategy_of(recipe)
        if not obstacle and recipe.freeze == CHOOSE_FOR_ME.id:
            obstacle = f"For “{CHOOSE_FOR_ME.title}” there is none to look for: set the freeze line yourself."
        elif not obstacle and not (strategy is not None and strategy.has_rate_to_find):
            obstacle = "For this strategy there is none to look for."
        self._button.setEnabled(not obstacle)
        self._button.setAccessibleDescription(obstacle or FIND_RATE_TIP)
        tip = "\n".join(filter(None, (FIND_RATE_TIP, obstacle)))
        self._button.setToolTip(with_terms(tip, text=self._button.text()))

    @Slot()
    def _open(self) -> None:
        # Imported only now: the window starts without it.
        from tlstudio.gui.pages.model.rate_dialog import RateDialog

        recipe = self._app_state.recipe()
        if self._app_state.threads is not None:
            recipe.setdefault("threads", self._app_state.threads)
        dialog = RateDialog(self._app_state, recipe, parent=self._button.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.taken.connect(self._app_state.update_recipe)
        dialog.open()
