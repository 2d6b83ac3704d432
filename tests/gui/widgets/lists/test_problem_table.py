import pytest
from PySide6.QtCore import Qt

from tlstudio.core.types import ProblemFile
from tlstudio.gui.widgets.lists.problem_table import COLUMNS, ProblemTable

TORN = ProblemFile(path="bees/torn.jpg", code="truncated", reason="The file is torn.", mend="Copy it again.")
NOTES = ProblemFile(path="notes.txt", code="not-an-image", reason="This is no image.", mend="Leave it.")


@pytest.fixture
def table(qtbot):
    table = ProblemTable()
    qtbot.addWidget(table)
    return table


def texts(table: ProblemTable, row: int, role=Qt.ItemDataRole.DisplayRole) -> list[str]:
    model = table.model()
    return [model.index(row, column).data(role) for column in range(model.columnCount())]


def test_file_reason_and_mend_stand_beside_each_other(table):
    table.set_problems([TORN, NOTES])
    assert table.problems() == (TORN, NOTES)
    model = table.model()
    assert [model.headerData(n, Qt.Orientation.Horizontal) for n in range(3)] == list(COLUMNS)
    assert texts(table, 0) == ["bees/torn.jpg", "The file is torn.", "Copy it again."]
    assert texts(table, 1, Qt.ItemDataRole.ToolTipRole)[2] == "Leave it."


def test_new_problems_take_the_place_of_the_old(table):
    table.set_problems([TORN, NOTES])
    table.set_problems([NOTES])
    assert table.model().rowCount() == 1
    assert texts(table, 0)[0] == "notes.txt"
    table.set_problems([])
    assert table.model().rowCount() == 0


def test_the_same_problems_leave_the_marker_where_it_is(table):
    table.set_problems([TORN, NOTES])
    table.selectRow(1)
    table.set_problems((TORN, NOTES))
    assert [index.row() for index in table.selectionModel().selectedRows()] == [1]
    table.set_problems([NOTES])
    assert not table.selectionModel().selectedRows()


def test_rows_have_no_rows_below_them(table):
    table.set_problems([TORN])
    assert table.model().rowCount(table.model().index(0, 0)) == 0


def test_a_row_has_room_for_two_lines(table):
    table.set_problems([TORN])
    assert table.rowHeight(0) >= 2 * table.fontMetrics().lineSpacing()
