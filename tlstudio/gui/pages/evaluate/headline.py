"""The top of the Evaluate page: accuracy with n and interval, which images, and two buttons."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tlstudio.core.glossary import meaning
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages
from tlstudio.gui.pages.evaluate.text import headline, other_metrics, verdict_of
from tlstudio.gui.widgets.basics.buttons import primary_button, quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.basics.folding import FoldingRow
from tlstudio.gui.widgets.basics.scroll_safe import ScrollSafeComboBox
from tlstudio.gui.widgets.basics.term_tips import with_terms
from tlstudio.gui.widgets.lists.finding_button import FindingButton
from tlstudio.gui.widgets.lists.finding_list import window_finding

COLUMN_PIXELS = 180


class EvaluateHeadline(Card):
    """Shows accuracy and other metrics; lets the person choose which images they are of.

    Signals:
        subset_chosen: "test", "validation", "cross-validated" or "folder" (which opens a dialog).
        column_chosen: Name of the label column to show.
        compare_requested: Show all runs.
        report_requested: Write the report.
        use_requested: On to the page where the classifier is used.
    """

    subset_chosen = Signal(str)
    column_chosen = Signal(str)
    compare_requested = Signal()
    report_requested = Signal()
    use_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.accuracy = QLabel()
        self.accuracy.setProperty("big", True)
        self.accuracy.setToolTip(meaning("accuracy"))
        self.words = QLabel()
        self.words.setProperty("muted", True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self._metrics = FlowLayout(spacing=4)
        text_column = QVBoxLayout()
        text_column.setSpacing(0)
        text_column.addWidget(self.words)
        text_column.addLayout(self._metrics)
        figures, controls = QWidget(), QWidget()
        row = QHBoxLayout(figures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.accuracy)
        row.addLayout(text_column)
        row.addStretch(1)
        flow = FlowLayout(controls, spacing=8)
        self.column = ScrollSafeComboBox()
        self.column.setAccessibleName("Label column")
        self.column.setToolTip("The label column whose figures and images are shown.")
        self.column.setMaximumWidth(COLUMN_PIXELS)
        self.column.textActivated.connect(self.column_chosen)
        self.column.hide()
        flow.addWidget(self.column)
        self.chips: dict[str, Chip] = {}
        self._group = QButtonGroup(self)
        for subset, text, tip in (
            ("test", "Test images", "Images that had no part in training: the honest measure."),
            (
                "validation",
                "Check images",
                "Images by which settings were chosen. What answered them had not learned from them.",
            ),
            (
                "cross-validated",
                "Cross-validated",
                "All images of the run, each answered by last layers that did not learn from it. For small "
                "sets, whose test images are few.",
            ),
            (
                "folder",
                "Another folder…",
                "Evaluate on a folder of labelled images, one sub-folder per class.",
            ),
        ):
            chip = Chip(text, checkable=True, tip=tip)
            chip.setProperty("subset", subset)
            self.chips[subset] = chip
            self._group.addButton(chip)
            flow.addWidget(chip)
        self._group.setExclusive(True)
        self._group.buttonClicked.connect(self._chip_clicked)
        self.compare = quiet_button("&Compare runs…", tip="All runs of this project side by side.")
        self.report = quiet_button("&Report…", tip="Write these results into one file: a web page or a PDF.")
        self.compare.clicked.connect(self.compare_requested)
        self.report.clicked.connect(self.report_requested)
        flow.addWidget(self.compare)
        flow.addWidget(self.report)
        self.use = primary_button("&Use it →", tip="On to the Use page: try it on new images, and export it.")
        self.use.clicked.connect(self.use_requested)
        flow.addWidget(self.use)
        self._row = FoldingRow(figures, controls)
        self.body.addWidget(self._row)
        self.verdict = FindingButton(window_finding("note", ""), shows_images=False)
        self.body.addWidget(self.verdict)

    def show_columns(self, names: Sequence[str], *, chosen: str) -> None:
        """Offer the label columns, where there are several."""
        self.column.clear()
        self.column.addItems(list(names))
        self.column.setCurrentText(chosen)
        self.column.setVisible(len(names) > 1)

    def show_evaluation(self, images: EvaluatedImages, *, available: Collection[str]) -> None:
        """Show the metrics of one set of images.

        Args:
            images: Which, with the label column to show as the first.
            available: Subsets that have images; another folder can always be chosen.
        """
        self.verdict.show_finding(verdict_of(images.evaluation))
        number, words = headline(images.evaluation)
        self.accuracy.setText(number)
        self.accuracy.setAccessibleName(f"Accuracy {number}")
        self.words.setText(words)
        while self._metrics.count():
            item = self._metrics.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                # Hidden explicitly: the layout shows added widgets a moment later, and without its parent
                # this one would then appear as a window of its own.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        for position, (text, names) in enumerate(other_metrics(images.evaluation)):
            label = QLabel(f"· {text}" if position else text)
            label.setToolTip(with_terms(names, text=names))
            label.setProperty("muted", True)
            self._metrics.addWidget(label)
        for subset, chip in self.chips.items():
            chip.setEnabled(subset == "folder" or subset in available)
        self.chips["cross-validated"].setVisible("cross-validated" in available)
        self.mark(images.subset)
        name = f"{images.root.name}…" if images.subset == "folder" else "Another folder…"
        self.chips["folder"].setText(name)
        self._row.fold()

    def mark(self, subset: str) -> None:
        """Show which images the metrics are from."""
        self.chips[subset].setChecked(True)

    def _chip_clicked(self, chip: Chip) -> None:
        self.subset_chosen.emit(chip.property("subset"))
