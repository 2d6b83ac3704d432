"""The difference of two runs on the same test images, in figures and in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tlstudio.gui.pages.compare.contents import ComparedRuns, RunRow
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.scroll_safe import ScrollSafeComboBox

NOTHING = "Choose a finished run above, and another one to compare it with."
ONE_RUN = "Once there is a second finished run, the two are compared here, image by image."
READING = "The two runs are being compared …"


class DifferenceCard(Card):
    """The sentence about two runs, and the choice of the one to compare with.

    Signals:
        first_chosen: Key of the run to compare with.
        column_chosen: Name of the label column.
    """

    first_chosen = Signal(str)
    column_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Difference", parent)
        self.first = ScrollSafeComboBox()
        self.first.setAccessibleName("Run to compare with")
        self.first.setToolTip("The run that the selected one is compared with.")
        self.first.activated.connect(self._first_chosen)
        self._against = QLabel("compared &with")
        self._against.setBuddy(self.first)
        self.column = ScrollSafeComboBox()
        self.column.setAccessibleName("Label column")
        self.column.setToolTip("The label column in which the runs are compared.")
        self.column.textActivated.connect(self.column_chosen)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._against)
        row.addWidget(self.first)
        row.addWidget(self.column)
        row.addStretch(1)
        self.figures = _label("big")
        self.accuracies = _label("muted")
        self.verdict = _label("")
        self.notes = _label("muted")
        self.body.addLayout(row)
        for label in (self.figures, self.accuracies, self.verdict, self.notes):
            self.body.addWidget(label)
        self.body.addStretch(1)
        self.offer([], first="")
        self.say(NOTHING)

    def offer(self, rows: Sequence[RunRow], *, first: str) -> None:
        """Offer runs to compare with.

        Args:
            rows: Finished, without the selected one.
            first: Key of the one that is chosen.
        """
        self.first.clear()
        for row in rows:
            self.first.addItem(row.name, row.key)
        self.first.setCurrentIndex(max(0, self.first.findData(first)))
        for widget in (self.first, self._against):
            widget.setVisible(bool(rows))

    def say(self, words: str) -> None:
        """Show a sentence in place of a difference."""
        self.set_title("Difference")
        self.column.hide()
        for label in (self.figures, self.accuracies, self.notes):
            label.hide()
        self.verdict.setText(words)

    def show_comparison(self, compared: ComparedRuns, *, column: str) -> None:
        """Show two runs.

        Args:
            compared: They, and their comparison.
            column: The label column to show.
        """
        if not compared.columns:
            self.say(compared.problem)
            return
        from tlstudio.evaluation.comparison_words import (
            accuracies_words,
            figures_words,
            note_words,
            verdict_words,
        )

        found, names = compared.columns[column], {"first": compared.first, "second": compared.second}
        self.set_title(f"{compared.second} against {compared.first}, on the same {found.n} test images")
        self.column.clear()
        self.column.addItems(list(compared.columns))
        self.column.setCurrentText(column)
        self.column.setVisible(len(compared.columns) > 1)
        notes = note_words(found, **names)
        self.figures.setText(figures_words(found))
        self.accuracies.setText(f"{accuracies_words(found)}.")
        self.verdict.setText(verdict_words(found, **names))
        self.notes.setText("\n".join(notes))
        self.figures.show()
        self.accuracies.show()
        self.notes.setVisible(bool(notes))

    @Slot(int)
    def _first_chosen(self, index: int) -> None:
        self.first_chosen.emit(str(self.first.itemData(index)))


def _label(look: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if look:
        label.setProperty(look, True)
    return label
