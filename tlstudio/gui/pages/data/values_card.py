"""The card about images with more than 8 bits; it is hidden where there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from tlstudio.core.errors import UserError
from tlstudio.core.values import ORDINARY, ValueWindow, window_words
from tlstudio.gui.app_state import AppState
from tlstudio.gui.number_text import grouped
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.scroll_safe import ScrollSafeComboBox, ScrollSafeDecimalBox

CHOICES = (
    ("data-set", "The same for all images", "Found from all images, without hot pixels and spoilt pictures"),
    ("image", "Each image by itself", "A dim picture then looks as bright as a bright one"),
    ("full", "All that the numbers hold", "Right where the camera uses its whole range"),
    ("given", "From … to …", "You say which value is black and which is white"),
)
LARGEST = 1e12


class ValuesCard(Card):
    """Says and sets which values of deep images become black and white, and which channels are seen.

    Args:
        app_state: State of the window; the settings are part of the draft of the recipe.
    """

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__("Brightness", parent)
        self._app_state = app_state
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setProperty("small", True)
        self.window_box = ScrollSafeComboBox()
        self.window_box.setAccessibleName("Which values become black and white")
        for number, (_id, title, tip) in enumerate(CHOICES):
            self.window_box.addItem(title)
            self.window_box.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self.low, self.high = _number("Value for black"), _number("Value for white")
        self.range = QWidget()
        row = QHBoxLayout(self.range)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.low, 1)
        row.addWidget(self.high, 1)
        self.channels = QLineEdit()
        self.channels.setAccessibleName("Channels that are seen")
        self.channels.setPlaceholderText("Channels, e.g. 1, 3")
        self.channels.setToolTip(
            "Up to three channels, which become red, green and blue; one alone becomes grey"
        )
        self.fault = QLabel()
        self.fault.setWordWrap(True)
        self.fault.setProperty("problem", True)
        self.body.setSpacing(6)
        for part in (self.words, self.window_box, self.range, self.channels, self.fault):
            self.body.addWidget(part)
        app_state.images_changed.connect(self._refresh)
        app_state.recipe_changed.connect(self._refresh)
        app_state.project_changed.connect(self._refresh)
        self.window_box.activated.connect(self._edited)
        self.low.valueChanged.connect(self._edited)
        self.high.valueChanged.connect(self._edited)
        self.channels.editingFinished.connect(self._edited)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        images = self._app_state.images() if self._app_state.project is not None else []
        deep = [image for image in images if image.values is not None and image.values.layout != ORDINARY]
        self.setVisible(bool(deep))
        if not deep:
            shown_windows().show_through(None)
            return
        from tlstudio.data.windows import choose_windows, summaries_by_layout
        from tlstudio.specs.recipe import ValueSettings

        layouts = summaries_by_layout(deep)
        values = self._app_state.recipe().get("values", {})
        try:
            settings = ValueSettings.model_validate(values)
            windows = choose_windows(deep, settings) or ()
        except (UserError, ValueError) as error:
            self._show_fault(error.mend if isinstance(error, UserError) else "Channels are counted from 1.")
            return
        self._show_fault("")
        counts = {layout: len(summaries) for layout, summaries in layouts.items()}
        self.words.setText("\n".join(_sentence(window, counts) for window in windows))
        most = max(len(summaries[0].least) for summaries in layouts.values())
        self._show_settings(values, windows, has_channels=most > 1)
        shown_windows().show_through(windows)

    def _show_settings(
        self, values: Mapping[str, Any], windows: Sequence[ValueWindow], *, has_channels: bool
    ) -> None:
        ids = [choice for choice, _, _ in CHOICES]
        chosen = str(values.get("window", ids[0]))
        self.window_box.setCurrentIndex(ids.index(chosen))
        self.range.setVisible(chosen == "given")
        self.channels.setVisible(has_channels)
        low, high = values.get("low"), values.get("high")
        if low is None or high is None:
            ranges = [pair for window in windows for pair in zip(window.low, window.high, strict=True)]
            low, high = ranges[0] if ranges else (0.0, 1.0)
        for box, value in ((self.low, low), (self.high, high)):
            box.blockSignals(True)  # shown, not set by the person
            box.setValue(value)
            box.blockSignals(False)
        if not self.channels.hasFocus():
            self.channels.setText(", ".join(str(channel) for channel in values.get("channels") or ()))

    def _show_fault(self, words: str) -> None:
        self.fault.setText(words)
        self.fault.setVisible(bool(words))

    @Slot()
    def _edited(self) -> None:
        if self._app_state.project is None or self.isHidden():
            return
        window = CHOICES[self.window_box.currentIndex()][0]
        values: dict[str, Any] = {"window": window}
        if window == "given":
            if self.low.value() >= self.high.value():
                self._show_fault("The value for black must be below the value for white.")
                return
            values |= {"low": self.low.value(), "high": self.high.value()}
        try:
            channels = [int(part) for part in self.channels.text().replace(",", " ").split()]
        except ValueError:
            self._show_fault("Give numbers of channels, such as 1, 3.")
            return
        if len(channels) > 3:
            self._show_fault("At most three channels can be seen.")
            return
        values["channels"] = channels
        old = self._app_state.recipe().get("values", {})
        if any(old.get(key) != value for key, value in values.items()):
            self._app_state.update_recipe({"values": values})


def _sentence(window: ValueWindow, counts: Mapping[str, int]) -> str:
    count = counts[window.layout]
    return f"{grouped(count)} image{'s' * (count != 1)} ({window.layout}): {window_words(window)}."


def _number(name: str) -> ScrollSafeDecimalBox:
    box = ScrollSafeDecimalBox()
    box.setRange(-LARGEST, LARGEST)
    box.setDecimals(3)
    box.setAccessibleName(name)
    box.setToolTip(name)
    return box
