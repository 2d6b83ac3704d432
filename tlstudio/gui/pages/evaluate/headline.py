"""The top of the Evaluate page: the figure, its n and interval, which images, and what to do with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.gui.pages.evaluate.contents import Part
from tlstudio.gui.pages.evaluate.text import INTERVAL_TIP, headline, other_figures
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip


class EvaluateHeadline(Card):
    """Accuracy with its n and interval, the switch, and two buttons.

    Signals:
        source_chosen: "test", "validation" or "folder" (which opens a dialog).
        compare_wanted: Show all runs.
        report_wanted: Write the report.
    """

    source_chosen = Signal(str)
    compare_wanted = Signal()
    report_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.accuracy = QLabel()
        self.accuracy.setProperty("big", True)
        self.accuracy.setToolTip("Share of the images that got the right class.")
        self.words = QLabel()
        self.words.setProperty("muted", True)
        self.words.setToolTip(INTERVAL_TIP)
        self._figures = QHBoxLayout()
        self._figures.setSpacing(4)
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addWidget(self.words)
        told.addLayout(self._figures)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.accuracy)
        row.addLayout(told)
        row.addStretch(1)
        self.chips: dict[str, Chip] = {}
        self._group = QButtonGroup(self)
        for source, text, tip in (
            ("test", "Test set", "Images that were never looked at in training: the honest measure."),
            ("validation", "Validation", "Images by which the best moment or setting of the run was chosen."),
            (
                "folder",
                "Another folder…",
                "Evaluate on a folder of labelled images, one sub-folder per class.",
            ),
        ):
            chip = Chip(text, checkable=True, tip=tip)
            chip.setProperty("source", source)
            self.chips[source] = chip
            self._group.addButton(chip)
            row.addWidget(chip)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._chip_clicked)
        self.compare = quiet_button("&Compare runs…", tip="All runs of this project side by side.")
        self.report = quiet_button(
            "&Report…", tip="Write these results into one HTML file that opens in any browser."
        )
        self.compare.clicked.connect(self.compare_wanted)
        self.report.clicked.connect(self.report_wanted)
        row.addWidget(self.compare)
        row.addWidget(self.report)
        self.body.addLayout(row)

    def show_part(self, part: Part, *, available: set[str]) -> None:
        """Show the figures of one set of images.

        Args:
            part: Which.
            available: Sources that have images; another folder can always be chosen.
        """
        number, words = headline(part)
        self.accuracy.setText(number)
        self.accuracy.setAccessibleName(f"Accuracy {number}")
        self.words.setText(words)
        while self._figures.count():
            item = self._figures.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                # Hidden by name: a layout shows what it was given a moment later, and by then this would be
                # a window of its own.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        for position, (text, tip) in enumerate(other_figures(part)):
            label = QLabel(f"· {text}" if position else text)
            label.setProperty("muted", True)
            label.setToolTip(tip)
            self._figures.addWidget(label)
        self._figures.addStretch(1)
        for source, chip in self.chips.items():
            chip.setEnabled(source == "folder" or source in available)
        self.mark(part.source)
        self.chips["folder"].setText(f"{part.root.name}…" if part.source == "folder" else "Another folder…")

    def mark(self, source: str) -> None:
        """Show which images the figures are from."""
        self.chips[source].setChecked(True)

    def _chip_clicked(self, chip: Chip) -> None:
        self.source_chosen.emit(chip.property("source"))
