"""The window “Compare runs”: the table of all runs, and two of them compared in detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QDialog, QMessageBox, QVBoxLayout, QWidget

from tlstudio.core.errors import UserError
from tlstudio.gui.app_state import AppState
from tlstudio.gui.geometry import FRAME
from tlstudio.gui.pages.compare.contents import ComparedRuns, RunRow, read_comparison, read_rows
from tlstudio.gui.pages.compare.difference_card import NOTHING, ONE_RUN, READING, DifferenceCard
from tlstudio.gui.pages.compare.note_dialog import NoteDialog
from tlstudio.gui.pages.compare.pair_dialog import PairDialog
from tlstudio.gui.pages.compare.pairs_card import Pair, PairsCard
from tlstudio.gui.pages.compare.runs_card import RunsCard
from tlstudio.gui.pages.home.recent_projects import run_title
from tlstudio.gui.run_edits import RunEdits
from tlstudio.gui.widgets.basics.buttons import button_row, primary_button, quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.enter_key import let_enter_press
from tlstudio.gui.widgets.basics.folding import FoldingPage, Part
from tlstudio.gui.widgets.basics.plain_text import as_plain_text
from tlstudio.gui.widgets.basics.term_tips import TermTips
from tlstudio.gui.widgets.figures.figure_view import FigureView
from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable
from tlstudio.project.runs import RunFolder
from tlstudio.specs.views import run_curves

if TYPE_CHECKING:  # imports pydantic
    from tlstudio.report.run_differences import Difference

USUAL = QSize(1320, 820)


@dataclass(frozen=True, slots=True)
class _Key:
    owner: int
    what: str
    number: int


class CompareDialog(QDialog):
    """All runs of the open project; the selected one is compared with another one.

    Args:
        app_state: Whose runs.

    Signals:
        run_chosen: Path of the run to show on all pages.
    """

    run_chosen = Signal(str)

    def __init__(self, app_state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        let_enter_press(self)
        self.setWindowTitle("Compare runs")
        TermTips(self)
        self.resize(USUAL.boundedTo(self.screen().availableGeometry().size() - FRAME))
        self._app_state = app_state
        self._edits = RunEdits(app_state, self)
        self._rows: dict[str, RunRow] = {}
        self._compared: ComparedRuns | None = None
        self._pair = ("", "")
        self._chosen_first = ""
        self._wanted = ""
        self._column = ""
        self._number = 0
        self._build()
        app_state.background.done.connect(self._arrived)
        self._edits.changed.connect(self._read)

    def open_at(self, current: str) -> None:
        """Open it with a run selected, and read all runs anew.

        Args:
            current: Key of the run.
        """
        self._wanted = current
        self._read()
        self.open()

    # Reading

    @Slot()
    def _read(self) -> None:
        self._submit("rows", partial(read_rows, self._app_state.runs(), self._edits.notes()))

    def _submit(self, what: str, work: object) -> None:
        self._number += 1
        self._app_state.background.submit(_Key(id(self), what, self._number), work)  # type: ignore[arg-type]

    @Slot(object, object)
    def _arrived(self, key: object, result: object) -> None:
        if not isinstance(key, _Key) or key.owner != id(self):
            return
        if isinstance(result, UserError):
            self._app_state.show_error(result)
        elif isinstance(result, list):
            self._show_rows(result)
        elif isinstance(result, ComparedRuns) and key.number == self._number:
            self._compared = result
            self._show_comparison()

    def _show_rows(self, rows: Sequence[RunRow]) -> None:
        busy = self._app_state.training_run
        self._rows, self._pair = {row.key: row for row in rows}, ("", "")
        wanted, self._wanted = self._wanted or self.runs.table.selected_key(), ""
        self.runs.show_rows(rows, busy=str(busy.path) if busy is not None else "")
        self.runs.table.select_key(wanted)
        if not self.runs.table.selected_key() and rows:
            self.runs.table.select_key(rows[-1].key)
        if not self.runs.table.hasFocus():
            self.runs.table.setFocus()
        self._select(self.runs.table.selected_key())

    # Comparing

    @Slot(str)
    def _select(self, key: str) -> None:
        row = self._rows.get(key)
        self.choose.setEnabled(row is not None)
        others = [one for one in self._rows.values() if one.key != key and one.summary.status == "finished"]
        if row is None or row.summary.status != "finished":
            self._clear(NOTHING if len(others) > 1 else ONE_RUN)
        elif not others:
            self._clear(ONE_RUN)
        else:
            known = {one.key for one in others}
            first = (
                self._chosen_first if self._chosen_first in known else _usual(row, list(self._rows.values()))
            )
            self.difference.offer(others, first=first)
            self._compare(first, key)

    @Slot(str)
    def _compare_with(self, first: str) -> None:
        self._chosen_first = first
        self._compare(first, self.runs.table.selected_key())

    def _compare(self, first: str, second: str) -> None:
        project = self._app_state.project
        if (first, second) == self._pair or project is None:
            return
        self._clear(READING, keeps_choice=True)
        self._pair = (first, second)
        rows = self._rows[first], self._rows[second]
        self._submit("pair", partial(read_comparison, *rows, images_root=project.images_root))

    def _clear(self, words: str, *, keeps_choice: bool = False) -> None:
        self._compared, self._pair = None, ("", "")
        if not keeps_choice:
            self.difference.offer([], first="")
        self.difference.say(words)
        self.won.show_pairs((), title="Right only in the selected run")
        self.lost.show_pairs((), title="Right only in the other run")
        self.differences.set_rows([])
        self.curves.clear("")

    def _show_comparison(self) -> None:
        compared, project = self._compared, self._app_state.project
        if compared is None or project is None:
            return
        if self._column not in compared.columns:
            self._column = next(iter(compared.columns), "")
        self.difference.show_comparison(compared, column=self._column)
        rows = [
            (str(number), [Cell(one.setting, detail=f"{one.first} → {one.second}", tip=_tip(compared, one))])
            for number, one in enumerate(compared.differences)
        ]
        nothing = [("", [Cell("Nothing", detail="The same settings, images and labels.")])]
        self.differences.set_rows(rows or ([] if compared.problem else nothing))
        self.curves.show_view(
            run_curves.SPEC.id,
            compared.curves,
            description=f"Right answers on check images while {compared.first} and {compared.second} learned",
        )
        self._show_pairs(compared, project.images_root)

    def _show_pairs(self, compared: ComparedRuns, root: Path) -> None:
        found = compared.columns.get(self._column)
        sides = (
            (self.won, compared.second, found.won if found else ()),
            (self.lost, compared.first, found.lost if found else ()),
        )
        for card, name, images in sides:
            pairs = [
                Pair(
                    file=root / image.path,
                    path=image.path,
                    label=image.label,
                    answers=(
                        ((compared.second, image.second), (compared.first, image.first))
                        if card is self.won
                        else ((compared.first, image.first), (compared.second, image.second))
                    ),
                )
                for image in images
            ]
            hint = "None: the other run is right wherever this one is." if found else ""
            card.show_pairs(pairs, title=f"Right only in {name}", hint=hint)

    @Slot(str)
    def _show_column(self, name: str) -> None:
        self._column = name
        self._show_comparison()

    @Slot(str)
    def _open_pair(self, path: str) -> None:
        card = self.won if self.sender() is self.won else self.lost
        self.pair_dialog.show_pairs(card.pairs, path=path)
        self.pair_dialog.open()

    # Commands

    @Slot()
    def _star(self) -> None:
        row = self.runs.row()
        if row is not None:
            self._edits.save(_folder(row), replace(row.note, is_starred=not row.note.is_starred))

    @Slot()
    def _ask_note(self) -> None:
        row = self.runs.row()
        if row is None:
            return
        dialog = NoteDialog(row.note, usual=run_title(row.summary.name), parent=self)
        dialog.saved.connect(partial(self._edits.save, _folder(row)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _ask_delete(self) -> None:
        row = self.runs.row()
        if row is None:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(f"Move {row.name} to the trash?")
        box.setInformativeText(
            f"Its classifier, figures and exports inside {row.key} go to the trash of this computer, from "
            "where they can be brought back. Your images and labels stay."
        )
        delete = box.addButton("Move to &trash", QMessageBox.ButtonRole.DestructiveRole)
        box.setEscapeButton(box.addButton("&Cancel", QMessageBox.ButtonRole.RejectRole))
        as_plain_text(box)
        delete.clicked.connect(partial(self._edits.delete, _folder(row)))
        box.finished.connect(box.deleteLater)
        box.open()

    @Slot(str)
    def _chosen(self, key: str) -> None:
        self.run_chosen.emit(key)
        self.accept()

    @Slot()
    def _choose(self) -> None:
        self._chosen(self.runs.table.selected_key())

    def _build(self) -> None:
        background = self._app_state.background
        self.runs = RunsCard()
        self.difference = DifferenceCard()
        self.differences = FiguresTable(
            (Column("what differs"),), name="What differs between the two runs", sortable=False
        )
        self.differences.horizontalHeader().hide()
        differs = Card("What differs")
        differs.body.addWidget(self.differences, 1)
        self.won, self.lost = PairsCard(background), PairsCard(background)
        self.curves = FigureView(background, name="Curves of the two runs")
        curves = Card("Curves")
        curves.body.addWidget(self.curves, 1)
        self.pair_dialog = PairDialog(background, self)
        close = quiet_button("&Close", tip="Close this window.")
        self.choose = primary_button("&Look at this run", tip="Show the selected run on all pages.")
        page = FoldingPage(
            Part(
                widget=_column((self.runs, 7), (self.difference, 0), (differs, 7)),
                share=50,
                least_width=480,
                least_height=560,
            ),
            Part(
                widget=_column((self.won, 10), (self.lost, 10), (curves, 11)),
                share=50,
                least_width=360,
                least_height=560,
            ),
            name="Runs, and two of them compared",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addWidget(page, 1)
        layout.addLayout(button_row(close, self.choose))
        self.runs.selected.connect(self._select)
        self.runs.opened.connect(self._chosen)
        self.runs.star_wanted.connect(self._star)
        self.runs.note_wanted.connect(self._ask_note)
        self.runs.delete_wanted.connect(self._ask_delete)
        self.difference.first_chosen.connect(self._compare_with)
        self.difference.column_chosen.connect(self._show_column)
        for card in (self.won, self.lost):
            card.opened.connect(self._open_pair)
        close.clicked.connect(self.reject)
        self.choose.clicked.connect(self._choose)


def _usual(row: RunRow, rows: Sequence[RunRow]) -> str:
    """The run to compare with when the person has chosen none: the one before, of the same data if possible.

    Args:
        row: The selected run.
        rows: All runs, oldest first; at least one other is finished.
    """
    place = rows.index(row)
    nearest = [*reversed(rows[:place]), *rows[place + 1 :]]
    finished = [one for one in nearest if one.summary.status == "finished"]
    alike = [one for one in finished if one.data_version == row.data_version]
    return (alike or finished)[0].key


def _folder(row: RunRow) -> RunFolder:
    return RunFolder(Path(row.key))


def _tip(compared: ComparedRuns, difference: Difference) -> str:
    return f"{compared.first}: {difference.first}\n{compared.second}: {difference.second}"


def _column(*cards: tuple[QWidget, int]) -> QWidget:
    column = QWidget()
    column.setProperty("plain", True)
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(10)
    for card, share in cards:
        layout.addWidget(card, share)
    return column
