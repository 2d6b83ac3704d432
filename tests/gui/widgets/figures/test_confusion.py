import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.figures.confusion import COMFORTABLE_CELL, LARGEST_CELL, SIDE, ConfusionTable

CLASSES = ["daisy", "roses", "tulips"]
MATRIX = [[12, 0, 1], [0, 8, 2], [1, 0, 5]]


@pytest.fixture
def table(qtbot):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.resize(400, 300)
    table.set_matrix(MATRIX, CLASSES)
    table.show()
    return table


def middle(table: ConfusionTable, row: int, column: int) -> QColor:
    rect = table.visualRect(table.model().index(row, column))
    # Beside the number, inside the frame of the marked cell.
    return table.viewport().grab().toImage().pixelColor(rect.left() + 5, rect.top() + 5)


def test_a_click_opens_the_cell(table, qtbot):
    rect = table.visualRect(table.model().index(1, 2))
    with qtbot.waitSignal(table.cell_chosen) as chosen:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert chosen.args == [1, 2]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_arrows_and_enter_open_a_cell(table, qtbot, key):
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Right)
    qtbot.keyClick(table, Qt.Key.Key_Right)
    with qtbot.waitSignal(table.cell_chosen) as chosen:
        qtbot.keyClick(table, key)
    assert chosen.args == [1, 2]


def test_cells_have_a_description_in_words(table):
    index = table.model().index(1, 2)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "2 images of roses, predicted as tulips"
    assert table.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == "12 images of daisy: right"
    assert table.model().index(0, 2).data(Qt.ItemDataRole.ToolTipRole).startswith("1 image of daisy")
    assert table.model().index(0, 1).data() == "·"


def test_right_is_blue_wrong_is_orange_none_is_plain(table):
    right, wrong, none = middle(table, 0, 0), middle(table, 1, 2), middle(table, 0, 1)
    assert right.blue() > right.red()
    assert wrong.red() > wrong.blue()
    assert none == QColor(theme().colours.surface)


def test_new_counts_keep_the_marked_cell(table):
    table.choose(1, 2)
    table.set_matrix([[1, 1, 1]] * 3, CLASSES)
    assert (table.currentIndex().row(), table.currentIndex().column()) == (1, 2)
    assert table.model().index(1, 2).data() == "1"


def test_two_classes_get_large_cells(qtbot):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.resize(400, 300)
    table.set_matrix([[5, 1], [0, 4]], ["yes", "no"])
    assert table.columnWidth(0) == LARGEST_CELL


def test_forty_classes_with_long_names_fit_by_scrolling(qtbot):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.resize(500, 400)
    table.show()
    names = [f"a class with quite a long name, number {number}" for number in range(40)]
    table.set_matrix([[1] * 40 for _ in range(40)], names)
    assert table.columnWidth(0) == COMFORTABLE_CELL
    assert table.verticalHeader().width() <= 200
    assert table.horizontalScrollBar().maximum() > 0
    assert table.grab().toImage().width() == 500
    header = table.model().headerData(39, Qt.Orientation.Vertical, Qt.ItemDataRole.ToolTipRole)
    assert header == f"true class: {names[39]}"


def test_an_empty_matrix_is_shown_as_nothing(qtbot):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.resize(300, 300)
    table.show()
    table.set_matrix([], [])
    table.grab()
    assert table.model().rowCount() == 0


def test_columns_are_as_wide_as_their_names_where_there_is_room(qtbot):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.resize(500, 300)
    table.show()
    table.set_matrix([[9, 0], [0, 9]], ["nut", "wing washer"])
    width = table.fontMetrics().horizontalAdvance("wing washer")
    assert table.columnWidth(1) >= width + 10
    assert table.rowHeight(1) <= LARGEST_CELL


def room_for_names(table: ConfusionTable) -> tuple[int, int]:
    """Pixels for a name above a column, and for one beside a row."""
    above, beside = table.horizontalHeader(), table.verticalHeader()
    return (above.height() if above.is_upright else above.defaultSectionSize()) - SIDE, beside.width() - SIDE


@pytest.mark.parametrize(
    ("names", "width", "height"),
    [
        (["cardboard", "glass", "metal", "paper", "plastic", "trash"], 460, 320),
        (["cardboard", "glass", "metal", "paper", "plastic", "trash"], 380, 250),
        (["Anopheles gambiae", "Culex quinquefasciatus", "Aedes aegypti"], 520, 330),
        ([f"class {number}" for number in range(12)], 520, 420),
    ],
)
def test_names_are_whole_while_there_is_room(qtbot, names, width, height):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.resize(width, height)
    table.show()
    table.set_matrix([[1] * len(names) for _ in names], names)
    longest = max(map(table.fontMetrics().horizontalAdvance, names))
    assert min(room_for_names(table)) >= longest
    assert table.horizontalScrollBar().maximum() == table.verticalScrollBar().maximum() == 0
    assert table.rowHeight(0) >= COMFORTABLE_CELL


@pytest.mark.parametrize(
    ("names", "width", "height"),
    [
        (["cardboard", "glass", "metal", "paper", "plastic", "trash"], 346, 220),
        (["Dress", "Longsleeve", "Outwear", "Pants", "Shoes", "T-Shirt", *"abcdef"], 346, 330),
        (["Dress", "Longsleeve", "Outwear", "Pants", "Shoes", "T-Shirt", *"abcdef"], 346, 200),
    ],
)
def test_cells_shrink_to_their_numbers_before_the_table_scrolls(qtbot, names, width, height):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.set_matrix([[10] * len(names) for _ in names], names)
    table.resize(width, max(height, table.minimumSizeHint().height()))
    table.show()
    assert table.horizontalScrollBar().maximum() == table.verticalScrollBar().maximum() == 0
    cell = table.visualRect(table.model().index(0, 0))
    assert cell.width() >= table.fontMetrics().horizontalAdvance("10")
    assert cell.height() >= table.fontMetrics().height()


def test_beyond_some_classes_it_requests_no_more_height(qtbot):
    table = ConfusionTable()
    qtbot.addWidget(table)
    heights = []
    for count in (6, 12, 40, 99):
        table.set_matrix([[1] * count for _ in range(count)], [str(number) for number in range(count)])
        heights.append(table.minimumSizeHint().height())
    assert heights[0] < heights[1] <= heights[2] == heights[3] < 2 * heights[1]


def test_a_table_that_scrolls_down_need_not_scroll_to_the_side(qtbot):
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.resize(430, 250)
    table.show()
    table.set_matrix([[1] * 16 for _ in range(16)], [f"c{number}" for number in range(16)])
    assert table.verticalScrollBar().maximum() > 0
    assert table.horizontalScrollBar().maximum() == 0
