"""The table of all runs of a project, with what can be done with one of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from tlstudio.core.percent import percent
from tlstudio.gui.number_text import grouped, percent_interval
from tlstudio.gui.pages.compare.contents import RunRow
from tlstudio.gui.widgets.basics.buttons import quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable
from tlstudio.report.recipe_text import strategy_words

COLUMNS = (
    Column("run", "Its name, and what you noted about it. A star marks the runs that matter to you."),
    Column("strategy", may_be_left_out=True),
    Column("right", "Share of right answers, with its 95 % interval.", is_figure=True),
    Column("of", "How many images were measured, and of which part.", is_figure=True),
    Column(
        "data",
        "Runs with the same version learned from the same images and labels; only their figures can be "
        "compared as they stand. A click here puts them together.",
    ),
)
LEAST_NAME_PIXELS = 150


class RunsCard(Card):
    """Shows runs; one is selected, and can be starred, named and deleted.

    Signals:
        selected: Key of the selected run; empty when there is none.
        opened: Key of the run that the person wants to see on all pages.
        star_wanted: Star the selected run, or take its star away.
        note_wanted: Ask for a name and a note.
        delete_wanted: Delete the selected run.
    """

    selected = Signal(str)
    opened = Signal(str)
    star_wanted = Signal()
    note_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Runs", parent)
        self._rows: dict[str, RunRow] = {}
        self._busy = ""
        self.table = FiguresTable(COLUMNS, name="Runs of this project", first_pixels=LEAST_NAME_PIXELS)
        self.star = quiet_button("&Star", tip="Mark this run by a star, or take the star away.")
        self.note = quiet_button("&Name and note…", tip="Give this run a name, and write down what matters.")
        self.delete = quiet_button("&Delete…", tip="Move this run's folder to the trash, after a question.")
        row = FlowLayout(spacing=8)
        for button in (self.star, self.note, self.delete):
            row.addWidget(button)
        self.body.addWidget(self.table, 1)
        self.body.addLayout(row)
        self.table.row_selected.connect(self._selected)
        self.table.row_chosen.connect(self.opened)
        self.star.clicked.connect(self.star_wanted)
        self.note.clicked.connect(self.note_wanted)
        self.delete.clicked.connect(self.delete_wanted)
        self._selected("")

    def show_rows(self, rows: Sequence[RunRow], *, busy: str) -> None:
        """Show runs; the selected one stays selected.

        Args:
            rows: Oldest first.
            busy: Key of the run that is in training, if any: it cannot be deleted.
        """
        self._rows, self._busy = {row.key: row for row in rows}, busy
        self.table.set_rows([(row.key, _cells(row, number)) for number, row in enumerate(rows)])

    def row(self) -> RunRow | None:
        """The selected run."""
        return self._rows.get(self.table.selected_key())

    @Slot(str)
    def _selected(self, key: str) -> None:
        row = self._rows.get(key)
        for button in (self.star, self.note):
            button.setEnabled(row is not None)
        self.delete.setEnabled(row is not None and key != self._busy)
        is_starred = row is not None and row.note.is_starred
        self.star.setText("Take the &star away" if is_starred else "&Star")
        self.selected.emit(key)


def _cells(row: RunRow, number: int) -> list[Cell]:
    run = row.summary
    accuracy, within = "—", ""
    if run.accuracy is not None:
        within = f"  ({percent_interval(run.interval)})" if run.interval else ""
        accuracy = f"{percent(run.accuracy, digits=1)}{within}"
    detail = (
        row.backbone or "—"
        if run.status == "finished"
        else f"{run.status}, epoch {run.epoch} of {run.epochs}"
    )
    data = f"version {row.data_version}" if row.data_version else "—"
    if run.images:
        data += f" ({grouped(run.images)})"
    star = "★ " if row.note.is_starred else ""
    return [
        Cell(f"{star}{row.name}", float(number), detail=row.note.text or detail, tip=row.note.text),
        Cell(strategy_words(run.strategy, start_returned=run.start_returned)),
        Cell(accuracy, run.accuracy if run.accuracy is not None else -1.0),
        Cell(f"{run.n} {run.split}" if run.n else "—", float(run.n)),
        Cell(data, float(row.data_version)),
    ]
