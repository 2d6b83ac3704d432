"""The card about images with more than 8 bits; it is hidden where there are none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from tlstudio.core.errors import UserError
from tlstudio.core.values import ORDINARY, ValueWindow
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.values_dialog import CHOICES, ValuesDialog, sentences
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.basics.buttons import link_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.project.image_rows import ProjectImage


class ValuesCard(Card):
    """Says which values of deep images become black and white; *Change…* opens the settings.

    Args:
        app_state: State of the window; the settings are part of the draft of the recipe.
    """

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Brightness", parent)
        self._app_state = app_state
        self.change = link_button(
            "Change…", tip="Which values become black and white, and which channels are seen"
        )
        self.change.clicked.connect(self._open)
        self.header.addWidget(self.change)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("muted", True)
        self.words.setProperty("small", True)
        self.body.addWidget(self.words)
        app_state.images_changed.connect(self._refresh)
        app_state.recipe_changed.connect(self._refresh)
        app_state.project_changed.connect(self._refresh)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for the whole sentence."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _refresh(self) -> None:
        images = self._app_state.images() if self._app_state.project is not None else []
        deep = [image for image in images if image.values is not None and image.values.layout != ORDINARY]
        self.setVisible(bool(deep))
        windows = self._windows(deep) if deep else None
        shown_windows().show_through(windows)
        if windows:
            values = self._app_state.recipe().get("values", {})
            words = next(words for choice, _, words in CHOICES if choice == values.get("window", "data-set"))
            channels = ", ".join(str(channel) for channel in values.get("channels") or ())
            self.words.setText(f"{words}. Channels {channels} are seen." if channels else f"{words}.")
            self.words.setToolTip("\n".join(sentences(windows, deep)))
            self._fit()

    def _windows(self, deep: Sequence[ProjectImage]) -> tuple[ValueWindow, ...]:
        from tlstudio.data.windows import choose_windows
        from tlstudio.specs.recipe import ValueSettings

        settings = ValueSettings.model_validate(self._app_state.recipe().get("values", {}))
        try:
            return choose_windows(deep, settings) or ()
        except UserError:  # other images than when the channels were picked
            return choose_windows(deep, settings.model_copy(update={"channels": ()})) or ()

    def _fit(self) -> None:
        self.words.setMinimumHeight(max(0, self.words.heightForWidth(max(1, self.words.width()))))

    @Slot()
    def _open(self) -> None:
        dialog = ValuesDialog(self._app_state, parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
