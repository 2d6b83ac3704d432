"""All runs of a project side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from tlstudio.core.percent import percent
from tlstudio.evaluation.run_summary import RunSummary
from tlstudio.gui.geometry import FRAME
from tlstudio.gui.number_text import percent_interval
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.widgets.basics.buttons import button_row, primary_button, quiet_button
from tlstudio.gui.widgets.basics.enter_key import let_enter_press
from tlstudio.gui.widgets.basics.term_tips import TermTips
from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable
from tlstudio.report.recipe_text import strategy_words

COLUMNS = (
    Column("run"),
    Column("backbone"),
    Column("strategy"),
    Column("accuracy", "With its 95 % interval.", is_figure=True),
    Column("images", "How many images were measured, and of which part.", is_figure=True),
    Column("state"),
)


class RunsDialog(QDialog):
    """A dialog with a table of runs; the person can choose one to show on all pages.

    Signals:
        run_chosen: Path of the run.
    """

    run_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        let_enter_press(self)
        self.setWindowTitle("Compare runs")
        TermTips(self)
        self.resize(QSize(820, 420).boundedTo(self.screen().availableGeometry().size() - FRAME))
        self.table = FiguresTable(COLUMNS, name="Runs of this project")
        self.words = QLabel(
            "If the intervals of two runs overlap widely, the difference between them may be luck. Runs with "
            "different splits were tested on different images."
        )
        self.words.setWordWrap(True)
        self.words.setProperty("muted", True)
        self.choose = primary_button("&Look at this run", tip="Show this run on all pages.")
        close = quiet_button("&Close", tip="Close this list.")
        buttons = button_row(close, self.choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.words)
        layout.addLayout(buttons)
        self.table.row_chosen.connect(self._chosen)
        self.table.row_selected.connect(self._selected)
        self.choose.clicked.connect(self._button)
        close.clicked.connect(self.reject)
        self._selected("")

    def show_runs(self, runs: Sequence[RunSummary], *, current: str) -> None:
        """Show runs in the table.

        Args:
            runs: Oldest first.
            current: Path of the run that the pages show.
        """
        self.table.set_rows([(run.path, _cells(run, number)) for number, run in enumerate(runs)])
        self.table.select_key(current)
        self.table.setFocus()

    @Slot(str)
    def _chosen(self, key: str) -> None:
        self.run_chosen.emit(key)
        self.accept()

    @Slot(str)
    def _selected(self, key: str) -> None:
        self.choose.setEnabled(bool(key))

    @Slot()
    def _button(self) -> None:
        self._chosen(self.table.selected_key())


def _cells(run: RunSummary, number: int) -> list[Cell]:
    accuracy = "—"
    if run.accuracy is not None:
        within = f"  ({percent_interval(run.interval)})" if run.interval else ""
        accuracy = f"{percent(run.accuracy, digits=1)}{within}"
    images = f"{run.n} {run.split}" if run.n else "—"
    state = run.status if run.status == "finished" else f"{run.status}, epoch {run.epoch} of {run.epochs}"
    return [
        Cell(run_title(run.name), float(number)),
        Cell(run.backbone),
        Cell(strategy_words(run.strategy, start_returned=run.start_returned)),
        Cell(accuracy, run.accuracy if run.accuracy is not None else -1.0),
        Cell(images, float(run.n)),
        Cell(state),
    ]
