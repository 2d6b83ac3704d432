"""The dialog that sets which values of deep images become black and white, and which channels are seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from tlstudio.core.errors import UserError
from tlstudio.core.values import ORDINARY, ValueWindow, window_words
from tlstudio.core.wording import count
from tlstudio.gui.app_state import AppState
from tlstudio.gui.number_text import grouped
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.scroll_safe import ScrollSafeComboBox, ScrollSafeDecimalBox
from tlstudio.gui.widgets.basics.term_tips import as_tip
from tlstudio.gui.widgets.forms.narrow_form import NarrowForm
from tlstudio.project.image_rows import ProjectImage

CHOICES = (
    ("data-set", "The same for all images, found from them", "Black and white are the same for all images"),
    ("image", "Each image by itself", "Each image is stretched by itself"),
    ("full", "All that the numbers can hold", "Black to white is all that the numbers hold"),
    ("given", "From … to …", "Black and white are your own numbers"),
)
"""Each way to choose: its name in the recipe, its name in the list, and what it means for the images."""
LARGEST = 1e12
LEAST_PIXELS = 460
MOST_CHANNELS = 3


class ValuesDialog(QDialog):
    """Sets the windows of values; each change is kept at once, and the images follow.

    Args:
        app_state: State of the window, with a project that has such images.
    """

    def __init__(self, app_state: AppState, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self.setWindowTitle("Brightness")
        self._images = [
            image
            for image in app_state.images()
            if image.values is not None and image.values.layout != ORDINARY
        ]
        note = QLabel(
            "These images hold more than the 256 steps from black to white that a backbone sees. Which "
            "values become black and white should be the same for all of them: then a dim picture stays dim "
            "beside a bright one, and a hot pixel changes nothing. It is kept in the run and in each export."
        )
        note.setProperty("muted", True)
        self.words, self.fault = QLabel(), QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.fault.setProperty("problem", True)
        for label in (note, self.words, self.fault):
            label.setWordWrap(True)
        self.window_box = ScrollSafeComboBox()
        self.window_box.setAccessibleName("Which values become black and white")
        for _id, title, _words in CHOICES:
            self.window_box.addItem(title)
        self.low, self.high = _number("Value for black"), _number("Value for white")
        self.range = QWidget()
        row = QHBoxLayout(self.range)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.low, 1)
        row.addWidget(self.high, 1)
        self.channels = QLineEdit()
        self.channels.setAccessibleName("Channels that are seen")
        self.channels.setPlaceholderText("1, 2, 3")
        self.channels.setToolTip("Up to three; they become red, green and blue. One alone becomes grey.")
        self.form = NarrowForm()
        self.form.addRow("Black and white", self.window_box)
        self.form.addRow("From, to", self.range)
        self.form.addRow("Channels", self.channels)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.accept)
        self._rows = layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 18)
        layout.setSpacing(12)
        layout.addWidget(note)
        layout.addLayout(self.form)
        for part in (self.words, self.fault, buttons):
            layout.addWidget(part)
        self.setMinimumWidth(theme().pixels(LEAST_PIXELS))
        self._show_settings()
        self.window_box.activated.connect(self._edited)
        self.low.valueChanged.connect(self._edited)
        self.high.valueChanged.connect(self._edited)
        self.channels.editingFinished.connect(self._edited)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for all lines of the sentences."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        # A window does not follow the height of words that wrap.
        self.setMinimumHeight(self._rows.totalHeightForWidth(self.width()))

    def _show_settings(self) -> None:
        values = self._app_state.recipe().get("values", {})
        ids = [choice for choice, _, _ in CHOICES]
        self.window_box.setCurrentIndex(ids.index(values.get("window", ids[0])))
        self.channels.setText(", ".join(str(channel) for channel in values.get("channels") or ()))
        most = max((len(image.values.least) for image in self._images if image.values is not None), default=1)
        self.form.setRowVisible(self.channels, most > 1)
        self._show_windows(values)
        low, high = values.get("low"), values.get("high")
        if low is None or high is None:
            windows = self._chosen({})
            ranges = [pair for window in windows for pair in zip(window.low, window.high, strict=True)]
            low, high = ranges[0] if ranges else (0.0, 1.0)
        self.low.setValue(low)
        self.high.setValue(high)

    def _show_windows(self, values: dict[str, Any]) -> bool:
        """Say what settings mean for the images; False when they do not fit them."""
        self.range.setEnabled(values.get("window") == CHOICES[-1][0])
        try:
            self.words.setText("\n".join(sentences(self._chosen(values), self._images)))
        except UserError as error:
            self.fault.setText(f"{error.what} {error.mend}")
            return False
        self.fault.setText("")
        self._make_room()
        return True

    def _chosen(self, values: dict[str, Any]) -> tuple[ValueWindow, ...]:
        from tlstudio.data.windows import choose_windows
        from tlstudio.specs.recipe import ValueSettings

        return choose_windows(self._images, ValueSettings.model_validate(values)) or ()

    @Slot()
    def _edited(self) -> None:
        window = CHOICES[self.window_box.currentIndex()][0]
        values: dict[str, Any] = {"window": window}
        if window == CHOICES[-1][0]:
            if self.low.value() >= self.high.value():
                self.fault.setText("The value for black must be below the value for white.")
                return
            values |= {"low": self.low.value(), "high": self.high.value()}
        channels = self.channels.text().replace(",", " ").split()
        if len(channels) > MOST_CHANNELS or not all(part.isdecimal() and int(part) for part in channels):
            self.fault.setText("Give up to three numbers of channels, counted from 1, such as 1, 3.")
            return
        values["channels"] = [int(part) for part in channels]
        old = self._app_state.recipe().get("values", {})
        if self._show_windows(values) and any(old.get(key) != value for key, value in values.items()):
            self._app_state.update_recipe({"values": values})


class _PlainNumberBox(ScrollSafeDecimalBox):
    """A field that shows no decimals of a whole number."""

    def textFromValue(self, value: float) -> str:
        """The number as it is shown, in the language of the computer."""
        if float(value).is_integer():
            return self.locale().toString(value, "f", 0)
        return super().textFromValue(value)


def sentences(windows: Iterable[ValueWindow], images: Sequence[ProjectImage]) -> list[str]:
    """One sentence for each layout: how many images it has, and how they are seen."""
    counts = Counter(image.values.layout for image in images if image.values is not None)
    return [
        f"{count(counts[window.layout], 'image', digits=grouped)} ({window.layout}): {window_words(window)}."
        for window in windows
    ]


def _number(name: str) -> ScrollSafeDecimalBox:
    box = _PlainNumberBox()
    box.setRange(-LARGEST, LARGEST)
    box.setDecimals(3)
    box.setAccessibleName(name)
    box.setToolTip(as_tip(name))
    return box
