"""The confusion matrix as counts or by row, and the pairs of classes that are mixed up most often."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QStackedWidget, QWidget

from tlstudio.core.percent import percent
from tlstudio.evaluation.confusions import ConfusedPair, confused_pairs, order_by_confusion, reordered
from tlstudio.evaluation.metric_values import FEWEST_FOR_A_RATE, Metrics
from tlstudio.gui.pages.evaluate.arrangement import EvaluationCard
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.figures.confusion import ConfusionTable
from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable

TITLE = "Confusion matrix: choose a cell"
MOST_PAIRS = 100
PAIRS = (
    Column("images of"),
    Column("taken for"),
    Column("images", "How many images of the class were taken for the other one.", is_figure=True),
    Column("share", "Of all images of the class; not told of fewer than ten.", is_figure=True),
)


class MatrixCard(EvaluationCard):
    """Shows which classes are mixed up; a cell, or a pair, is chosen to see its images.

    Signals:
        cell_chosen: Index of the true and of the predicted class.
    """

    cell_chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(TITLE, parent)
        self._metrics = Metrics()
        self._order: tuple[int, ...] = ()
        self.table = ConfusionTable()
        self.table.cell_chosen.connect(self._choose_placed)
        self.pairs = FiguresTable(PAIRS, name="Classes that are mixed up", first_pixels=60)
        self.pairs.row_selected.connect(self._choose_pair)
        self.counts = Chip("Counts", checkable=True, tip="Numbers of images.")
        self.by_row = Chip(
            "By row",
            checkable=True,
            tip="Shares of the images of each true class, so that classes of different size compare. "
            f"Of fewer than {FEWEST_FOR_A_RATE} images no share is told.",
        )
        self.as_pairs = Chip("Pairs", checkable=True, tip="The mistakes as a list, the most frequent first.")
        self.sorted = Chip(
            "Sorted",
            checkable=True,
            tip="Classes that are mixed up stand side by side, those with the most mistakes first.",
        )
        chips, self._shows = QWidget(), QButtonGroup(self)
        flow = FlowLayout(chips, spacing=6)
        for chip in (self.counts, self.by_row, self.as_pairs):
            self._shows.addButton(chip)
            flow.addWidget(chip)
        flow.addWidget(self.sorted)
        self._shows.setExclusive(True)
        self.counts.setChecked(True)
        self._shows.buttonClicked.connect(self._show_as)
        self.sorted.toggled.connect(self._sort)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.pairs)
        self.body.addWidget(chips)
        self.body.addWidget(self._stack, 1)

    def show_evaluation(self, images: EvaluatedImages, *, run: EvaluatedRun) -> None:
        """See `EvaluationCard`. No cell is chosen then."""
        self._metrics = images.evaluation.primary.metrics
        self._place()
        classes = self._metrics.classes
        pairs = confused_pairs(self._metrics.confusion)[:MOST_PAIRS]
        self.pairs.set_rows([(f"{pair.true} {pair.predicted}", _cells(pair, classes)) for pair in pairs])
        self.pairs.clearSelection()

    def hasHeightForWidth(self) -> bool:
        """False: else Qt takes the height that the table would like for its least, and cuts other cards."""
        return False

    def choose(self, cell: tuple[int, int] | None) -> None:
        """Mark a cell, as if it had been clicked; None marks none."""
        if cell is None:
            self.table.choose_none()
        else:
            self.table.choose(*(self._order.index(number) for number in cell))

    def _place(self) -> None:
        """Fill the table in the chosen order."""
        confusion, classes = self._metrics.confusion, self._metrics.classes
        is_sorted = self.sorted.isChecked()
        self._order = order_by_confusion(confusion) if is_sorted else tuple(range(len(classes)))
        self.table.set_matrix(reordered(confusion, self._order), [classes[number] for number in self._order])

    @Slot(bool)
    def _sort(self) -> None:
        index = self.table.currentIndex()
        chosen = (self._order[index.row()], self._order[index.column()]) if index.isValid() else None
        self._place()
        self.choose(chosen)

    @Slot(QAbstractButton)
    def _show_as(self, chip: QAbstractButton) -> None:
        is_list = chip is self.as_pairs
        self.sorted.setVisible(not is_list)
        self.set_title("Mistakes: choose a pair" if is_list else TITLE)
        self._stack.setCurrentWidget(self.pairs if is_list else self.table)
        self.table.show_by_row(chip is self.by_row)

    @Slot(int, int)
    def _choose_placed(self, row: int, column: int) -> None:
        self.cell_chosen.emit(self._order[row], self._order[column])

    @Slot(str)
    def _choose_pair(self, key: str) -> None:
        if key and self._stack.currentWidget() is self.pairs:
            true, predicted = map(int, key.split())
            self.choose((true, predicted))


def _cells(pair: ConfusedPair, classes: tuple[str, ...]) -> list[Cell]:
    few = pair.n < FEWEST_FOR_A_RATE
    share = pair.images / pair.n
    return [
        Cell(classes[pair.true]),
        Cell(classes[pair.predicted]),
        Cell(f"{pair.images} of {pair.n}", float(pair.images)),
        Cell("–" if few else percent(share), -1.0 if few else share),
    ]
