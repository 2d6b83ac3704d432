"""The dialog that asks how to divide the images."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from tlstudio.core.types import SPLIT_NAMES, SPLIT_WORDS
from tlstudio.gui.widgets.basics.buttons import button_row, primary_button, quiet_button
from tlstudio.gui.widgets.basics.enter_key import let_enter_press
from tlstudio.gui.widgets.basics.scroll_safe import indent
from tlstudio.gui.widgets.basics.term_tips import TermTips, with_terms
from tlstudio.gui.widgets.figures.split_bar import SplitBar

LEAST_TRAIN_PERCENT = 10


class SplitDialog(QDialog):
    """Asks for the shares of validation and test, and the seed of the split.

    Args:
        images: How many labelled images there are.
        validation: Its fraction now.
        test: Its fraction now.
        seed: Of the draw now.
        given: The sides of a division that came with the images; they are not drawn.
    """

    def __init__(
        self,
        *,
        images: int,
        validation: float,
        test: float,
        seed: int,
        given: Collection[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        let_enter_press(self)
        self.setWindowTitle("Divide the images")
        TermTips(self)
        self._images = images
        self.bar = SplitBar()
        self.validation = _percent(
            validation, name="Check", tip="Used to compare settings and to see whether it gets better"
        )
        self.test = _percent(
            test, name="Test", tip="Used once, at the very end, to measure how good the classifier is"
        )
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setValue(seed)
        indent(self.seed)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip(
            "Another number divides the images differently; the same number always gives the same division"
        )
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        note = QLabel(
            "Each class is divided in these shares. Exact copies and groups stay together, so that "
            "the test is "
            "fair. Earlier runs keep their own split."
        )
        if given:
            parts = " and ".join(SPLIT_WORDS[side] for side in SPLIT_NAMES if side in given)
            note.setText(
                f"{parts} came with the images and "
                "stay as they are. Only a part that is missing is drawn, from the training images."
            )
            self.validation.setEnabled("validation" not in given)
            self.test.setEnabled("test" not in given)
        note.setProperty("muted", True)
        note.setWordWrap(True)
        form = QFormLayout()
        form.addRow("Check", self.validation)
        form.addRow("Test", self.test)
        form.addRow("Seed", self.seed)
        self.accept_button = primary_button("&Divide again", tip="Divide the images anew with these shares")
        self.accept_button.setDefault(True)
        cancel = quiet_button("Cancel", tip="Keep the split as it is")
        buttons = button_row(cancel, self.accept_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 18)
        layout.setSpacing(12)
        for part in (self.bar, self.words, form, note, buttons):
            if isinstance(part, QWidget):
                layout.addWidget(part)
            else:
                layout.addLayout(part)
        self.setMinimumWidth(400)
        self.validation.valueChanged.connect(self._show_train_share)
        self.test.valueChanged.connect(self._show_train_share)
        self.accept_button.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._show_train_share()

    def shares(self) -> tuple[float, float, int]:
        """Validation and test as fractions, and the seed."""
        return self.validation.value() / 100, self.test.value() / 100, self.seed.value()

    @Slot()
    def _show_train_share(self) -> None:
        validation, test, _ = self.shares()
        kept = 100 - self.validation.value() - self.test.value()
        allowed = kept >= LEAST_TRAIN_PERCENT
        self.accept_button.setEnabled(allowed)
        if not allowed:
            self.words.setText(
                f"At least {LEAST_TRAIN_PERCENT} % of the images must be left for training. Lower "
                "one of the two."
            )
            return
        numbers = round(self._images * validation), round(self._images * test)
        train = self._images - sum(numbers)
        self.bar.set_counts(train=train, validation=numbers[0], test=numbers[1])
        self.words.setText(
            f"About {train} images for training, {numbers[0]} for checking, {numbers[1]} for testing."
        )


def _percent(fraction: float, *, name: str, tip: str) -> QSpinBox:
    box = QSpinBox()
    indent(box)
    box.setRange(0, 80)
    box.setSuffix(" %")
    box.setValue(round(100 * fraction))
    box.setAccessibleName(f"{name}, percent of the images")
    box.setToolTip(with_terms(tip, text=name))
    return box
