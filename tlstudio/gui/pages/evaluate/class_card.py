"""A table with the figures of each class, every rate beside the number of images that it is of."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from tlstudio.core.percent import percent, percent_range
from tlstudio.evaluation.intervals import wilson
from tlstudio.evaluation.metric_values import FEWEST_FOR_A_RATE, ClassMetrics, Metrics
from tlstudio.gui.pages.evaluate.arrangement import EvaluationCard
from tlstudio.gui.pages.evaluate.contents import EvaluatedImages, EvaluatedRun
from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable
from tlstudio.gui.widgets.figures.whole_rows import WholeRows

COLUMNS = (
    Column("class"),
    Column("recall", "How many of the images of this class were recognised.", is_figure=True),
    Column("precision", "How many of the answers with this class were right.", is_figure=True),
    Column("F1", is_figure=True, may_be_left_out=True),
)

MOST_ROWS = 10
Policy = QSizePolicy.Policy


class ClassCard(EvaluationCard):
    """The figures of each class; a class is chosen to see the mistakes with it.

    Signals:
        class_chosen: Index of the class.
    """

    class_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Per class", parent)
        self._classes: tuple[str, ...] = ()
        self.table = FiguresTable(COLUMNS, name="Figures per class", first_pixels=70)
        self.table.clicked.connect(self._choose)
        self.table.row_chosen.connect(self._choose_key)
        self.body.addWidget(WholeRows(self.table, rows=MOST_ROWS), 1)

    def show_evaluation(self, images: EvaluatedImages, *, run: EvaluatedRun) -> None:
        """See `EvaluationCard`."""
        metrics = images.evaluation.primary.metrics
        self._classes = metrics.classes
        named = named_as(metrics)
        # No higher than all classes need, where they are few.
        is_short = len(metrics.classes) <= MOST_ROWS
        self.setSizePolicy(Policy.Preferred, Policy.Maximum if is_short else Policy.Preferred)
        self.table.set_rows(
            [
                (entry.class_name, class_cells(entry, named=named[number]))
                for number, entry in enumerate(metrics.per_class)
            ]
        )

    @Slot()
    def _choose(self) -> None:
        self._choose_key(self.table.selected_key())

    @Slot(str)
    def _choose_key(self, key: str) -> None:
        if key in self._classes:
            self.class_chosen.emit(self._classes.index(key))


def named_as(metrics: Metrics) -> tuple[int, ...]:
    """The number of images that were predicted as each class."""
    return tuple(sum(row[number] for row in metrics.confusion) for number in range(len(metrics.classes)))


def class_cells(entry: ClassMetrics, *, named: int) -> list[Cell]:
    """The cells of a class: rates of fewer than ten images are withheld, their counts are not.

    Args:
        entry: Of the class.
        named: How many images were predicted as it.
    """
    if entry.f1 is None or min(entry.n, named) < FEWEST_FOR_A_RATE:
        of_f1 = Cell("–", -1.0, f"Not told: it is of fewer than {FEWEST_FOR_A_RATE} images.")
    else:
        of_f1 = Cell(f"{entry.f1:.2f}", entry.f1, f"{entry.f1:.4f}, of {entry.n} images of this class")
    return [Cell(entry.class_name), _rate(entry.recall, entry.n), _rate(entry.precision, named), of_f1]


def _rate(share: float | None, n: int) -> Cell:
    if share is None or not n:
        return Cell("– of 0", -1.0, "Not known: there were no images.")
    right = round(share * n)
    if n < FEWEST_FOR_A_RATE:
        return Cell(f"{right} of {n}", -1.0, f"Of fewer than {FEWEST_FOR_A_RATE} images no rate is told.")
    interval = wilson(right, n)
    within = percent_range(interval.low, interval.high)
    tip = f"{right} of {n}, 95 % interval {within} %"
    return Cell(f"{percent(share)} of {n}", share, tip)
