import pytest
from PySide6.QtCore import Qt

from tlstudio.gui.widgets.figures.figures_table import Cell, Column, FiguresTable

COLUMNS = (Column("Class"), Column("Right", tip="Share that was right", is_figure=True), Column("Images"))
ROWS = [
    ("daisy", (Cell("daisy"), Cell("9.5 %", order=0.095), Cell("100", order=100))),
    ("roses", (Cell("roses"), Cell("80.0 %", order=0.8), Cell("20", order=20))),
    ("tulips", (Cell("Tulips"), Cell("100.0 %", order=1.0), Cell("3", order=3))),
]


@pytest.fixture
def table(qtbot):
    table = FiguresTable(COLUMNS, name="Classes")
    qtbot.addWidget(table)
    table.resize(420, 240)
    table.set_rows(ROWS)
    table.show()
    return table


def press_header(table: FiguresTable, column: int, qtbot) -> None:
    header = table.horizontalHeader()
    spot = header.viewport().rect().center()
    spot.setX(header.sectionViewportPosition(column) + header.sectionSize(column) // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def test_rows_stay_as_given_until_a_column_is_pressed(table, qtbot):
    assert table.row_keys() == ["daisy", "roses", "tulips"]
    assert table.texts("roses") == ["roses", "80.0 %", "20"]
    press_header(table, 2, qtbot)  # by number: as text, 100 would come before 20
    assert table.row_keys() == ["tulips", "roses", "daisy"]
    press_header(table, 2, qtbot)
    assert table.row_keys() == ["daisy", "roses", "tulips"]
    press_header(table, 0, qtbot)
    assert table.row_keys() == ["daisy", "roses", "tulips"]  # capitals do not count


def test_the_selected_row_stays_selected_when_values_change(table, qtbot):
    with qtbot.waitSignal(table.row_selected) as marked:
        table.select_key("roses")
    assert marked.args == ["roses"]
    table.set_rows(list(reversed(ROWS)))
    assert table.selected_key() == "roses"
    with qtbot.waitSignal(table.row_selected) as marked:
        table.set_rows(ROWS[:1])
    assert marked.args == [""]
    table.select_key("nobody")
    assert table.selected_key() == ""


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_chooses_the_marked_row(table, qtbot, key):
    chosen = []
    table.row_chosen.connect(chosen.append)
    table.select_key("tulips")
    qtbot.keyClick(table, key)
    assert chosen == ["tulips"]


def test_figures_stand_at_the_right_and_explain_themselves(table):
    assert table.model().index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert table.model().index(0, 0).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignLeft
    assert table.model().headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == (
        "Share that was right"
    )


def test_a_long_detail_makes_its_row_higher_and_is_spoken(table):
    low = table.rowHeight(0)
    detail = "looks most like roses, and much less like any of the others, " * 4
    table.set_rows([("daisy", (Cell("daisy", detail=detail), Cell("9.5 %"), Cell("100")))])
    assert table.rowHeight(0) > 2 * low
    assert detail in table.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    wide = table.rowHeight(0)
    table.resize(900, 240)
    assert table.rowHeight(0) < wide


def test_rows_follow_the_width_that_hidden_columns_leave(qtbot):
    table = FiguresTable(COLUMNS, name="Classes", sortable=False)
    qtbot.addWidget(table)
    table.resize(420, 240)
    table.show()
    row = (Cell("daisy", detail="a text that is wrapped where there is little room"), Cell("9"), Cell("1"))
    table.set_rows([("daisy", row)])
    for unused in ((1, 2), (), (1, 2)):
        table.hide_columns(unused)
        qtbot.waitUntil(lambda: table.rowHeight(0) == table.sizeHintForRow(0))


def test_a_detail_is_drawn(table):
    def picture(detail: str):
        table.set_rows([("daisy", (Cell("daisy", detail=detail), Cell("1"), Cell("1")))])
        return table.viewport().grab().toImage()

    assert picture("one thing") != picture("two things")


def test_where_width_is_short_columns_are_left_out_for_the_first_one(qtbot):
    columns = (Column("Format"), Column("Size", may_be_left_out=True), Column("State"))
    table = FiguresTable(columns, name="Formats", first_pixels=180)
    qtbot.addWidget(table)
    table.set_rows([("zip", (Cell("a zip file"), Cell("1000.0 MB"), Cell("not made")))])

    def shown_at(width: int) -> list[bool]:
        table.resize(width, 240)
        table.show()
        return [not table.isColumnHidden(number) for number in range(3)]

    assert shown_at(600) == [True, True, True]
    assert shown_at(300) == [True, False, True]
    assert table.columnWidth(0) >= 180
    assert shown_at(600) == [True, True, True]
    table.hide_columns((1,))
    assert shown_at(600) == [True, False, True]


def test_a_table_that_does_not_sort(qtbot):
    table = FiguresTable(COLUMNS, name="Classes", sortable=False)
    qtbot.addWidget(table)
    table.resize(420, 240)
    table.set_rows(list(reversed(ROWS)))
    table.show()
    press_header(table, 2, qtbot)
    assert table.row_keys() == ["tulips", "roses", "daisy"]
