"""A table without cut rows."""

from __future__ import annotations

import pytest

from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable
from tlstudio.gui.widgets.figures.whole_rows import WholeRows


@pytest.mark.parametrize("height", [80, 143, 160, 201, 333, 900])
@pytest.mark.parametrize("rows", [0, 1, 6, 40])
def test_no_row_is_cut_at_any_height(qtbot, height, rows):
    table = FiguresTable((Column("class"), Column("recall", is_figure=True)), name="Figures")
    holder = WholeRows(table, rows=10)
    qtbot.addWidget(holder)
    holder.resize(300, height)
    holder.show()
    table.set_rows([(str(row), [Cell(f"class {row}"), Cell("7 of 8")]) for row in range(rows)])
    qtbot.wait(1)
    assert table.height() <= height
    in_sight = table.viewport().height()
    if rows * table.rowHeight(0) <= in_sight:
        assert not table.verticalScrollBar().isVisible()
    else:
        assert in_sight % table.rowHeight(0) == 0
        assert height - table.height() < table.rowHeight(0)
