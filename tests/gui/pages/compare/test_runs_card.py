"""The table of runs."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tlstudio.evaluation.run_summary import RunSummary
from tlstudio.gui.pages.compare.contents import RunRow
from tlstudio.gui.pages.compare.runs_card import COLUMNS, RunsCard
from tlstudio.project.run_notes import RunNote


def row(name: str, *, version: int, note: RunNote | None = None, status: str = "finished") -> RunRow:
    summary = RunSummary(
        name=name, path=f"/runs/{name}", status=status, backbone="", strategy="", epoch=3, epochs=9
    )
    return RunRow(summary=summary, backbone="ResNet-18", note=note or RunNote(), data_version=version)


def test_sorting_by_data_puts_runs_of_the_same_images_and_labels_together(qtbot):
    card = RunsCard()
    qtbot.addWidget(card)
    rows = [row("run-2", version=2), row("run-9", version=1), row("run-10", version=2)]
    card.show_rows(rows, busy="")
    card.table.sortByColumn(len(COLUMNS) - 1, card.table.horizontalHeader().sortIndicatorOrder())
    assert card.table.row_keys()[0] == "/runs/run-9"
    card.table.sortByColumn(0, card.table.horizontalHeader().sortIndicatorOrder())
    assert card.table.row_keys() == ["/runs/run-2", "/runs/run-9", "/runs/run-10"], "oldest first"


def test_buttons_follow_the_selected_run(qtbot):
    card = RunsCard()
    qtbot.addWidget(card)
    assert not any(button.isEnabled() for button in (card.star, card.note, card.delete))
    starred = RunNote(is_starred=True)
    card.show_rows([row("run-1", version=1), row("run-2", version=1, note=starred)], busy="/runs/run-1")
    card.table.select_key("/runs/run-2")
    assert "away" in card.star.text()
    assert card.delete.isEnabled()
    card.table.select_key("/runs/run-1")
    assert "away" not in card.star.text()
    assert not card.delete.isEnabled(), "it is in training"
    assert card.row().summary.name == "run-1"


def test_an_interrupted_run_says_so(qtbot):
    card = RunsCard()
    qtbot.addWidget(card)
    card.show_rows([row("run-1", version=0, status="interrupted")], busy="")
    index = card.table.model().index(0, 0)
    assert "interrupted, epoch 3 of 9" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert card.table.texts("/runs/run-1")[-1] == "—"
