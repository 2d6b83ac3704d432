"""Squares whose places are reckoned: where they lie, how keys and mouse move, what is selected."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyledItemDelegate

from tlstudio.gui.widgets.images.tile_view import TileView

CELL = 50
NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


class Numbers(QAbstractListModel):
    """A model of any number of rows that counts how often its data is read."""

    def __init__(self, count: int, parent) -> None:
        super().__init__(parent)
        self.count, self.looks = count, 0

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self.count

    def data(self, index: QModelIndex, role: int = 0) -> str | None:
        self.looks += 1
        return str(index.row()) if role == Qt.ItemDataRole.DisplayRole else None


class Painted(QStyledItemDelegate):
    """Notes which rows are painted."""

    rows: list[int]

    def paint(self, painter, option, index) -> None:
        self.rows.append(index.row())


@pytest.fixture
def view(qtbot):
    """22 squares, four side by side: five full lines and one of two."""
    return shown(22, qtbot)


def shown(count: int, qtbot) -> TileView:
    view = TileView()
    view.setFrameShape(TileView.Shape.NoFrame)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setModel(Numbers(count, view))
    view.setGridSize(QSize(CELL, CELL))
    qtbot.addWidget(view)
    view.resize(4 * CELL, 3 * CELL)
    view.show()
    return view


def selected(view: TileView) -> list[int]:
    return [row for run in view.selected_runs() for row in run]


def test_tiles_are_arranged_in_lines_and_found_by_position(view):
    assert view.columns == 4
    for row in (0, 3, 4, 21):
        rect = view.visualRect(view.model().index(row, 0))
        assert rect == QRect(row % 4 * CELL, row // 4 * CELL, CELL, CELL)
        assert view.indexAt(rect.center()).row() == row
    assert not view.indexAt(QPoint(3 * CELL, 5 * CELL + 9)).isValid()
    assert view.verticalScrollBar().maximum() == 3 * CELL


def test_only_visible_tiles_are_painted(view, qtbot):
    view.setItemDelegate(Painted(view))
    view.itemDelegate().rows = rows = []
    view.viewport().repaint()
    assert sorted(set(rows)) == list(range(12))
    view.verticalScrollBar().setValue(CELL // 2)
    rows.clear()
    view.viewport().repaint()
    assert sorted(set(rows)) == list(range(16))


@pytest.mark.parametrize(
    ("start", "key", "end"),
    [
        (5, Qt.Key.Key_Left, 4),
        (4, Qt.Key.Key_Left, 3),
        (0, Qt.Key.Key_Left, 0),
        (3, Qt.Key.Key_Right, 4),
        (21, Qt.Key.Key_Right, 21),
        (2, Qt.Key.Key_Up, 2),
        (6, Qt.Key.Key_Up, 2),
        (6, Qt.Key.Key_Down, 10),
        (19, Qt.Key.Key_Down, 21),
        (20, Qt.Key.Key_Down, 20),
        (1, Qt.Key.Key_PageDown, 13),
        (13, Qt.Key.Key_PageDown, 21),
        (14, Qt.Key.Key_PageUp, 2),
        (6, Qt.Key.Key_PageUp, 2),
        (9, Qt.Key.Key_Home, 0),
        (9, Qt.Key.Key_End, 21),
    ],
)
def test_keys_move_the_current_tile_and_scroll_to_it(view, start, key, end):
    view.setCurrentIndex(view.model().index(start, 0))
    QTest.keyClick(view, key)
    assert view.currentIndex().row() == end
    assert selected(view) == [end]
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()))


def test_shift_selects_in_reading_order_and_control_single_ones(view):
    def click(row: int, modifier: Qt.KeyboardModifier = NONE) -> None:
        place = view.visualRect(view.model().index(row, 0)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, place)

    click(2)
    click(5, SHIFT)
    assert selected(view) == [2, 3, 4, 5]
    click(0, SHIFT)
    assert selected(view) == [0, 1, 2]
    click(9, CTRL)
    click(1, CTRL)
    assert selected(view) == [0, 2, 9]
    click(6)
    QTest.keyClick(view, Qt.Key.Key_Down, SHIFT)
    assert selected(view) == [6, 7, 8, 9, 10]
    QTest.keyClick(view, Qt.Key.Key_A, CTRL)
    assert view.selected_runs() == [range(22)]


def test_a_rubber_band_selects_the_tiles_it_touches(view):
    view.verticalScrollBar().setValue(3 * CELL)  # lines 3, 4 and the short one are in sight
    port, left = view.viewport(), Qt.MouseButton.LeftButton
    QTest.mousePress(port, left, NONE, QPoint(3 * CELL + 10, 2 * CELL + 30))
    QTest.mouseMove(port, QPoint(2 * CELL + 20, 2 * CELL + 10))
    QTest.mouseMove(port, QPoint(CELL + 20, CELL + 10))
    assert selected(view) == [17, 18, 19, 21]
    QTest.mouseRelease(port, left, NONE, QPoint(CELL + 20, CELL + 10))
    assert selected(view) == [17, 18, 19, 21]


def test_selected_rows_are_stored_as_ranges(view):
    view.select_rows([1, 2, 3, 7, 9, 10])
    assert view.selected_runs() == [range(1, 4), range(7, 8), range(9, 11)]
    view.select_rows([])
    assert view.selected_runs() == []


def test_screen_readers_find_a_list_with_its_items(view):
    accessible = QAccessible.queryAccessibleInterface(view)
    assert accessible.role() == QAccessible.Role.List
    assert accessible.childCount() == 22
    assert accessible.child(21).text(QAccessible.Text.Name) == "21"


def test_keys_do_nothing_in_an_empty_view(qtbot):
    view = shown(0, qtbot)
    QTest.keyClick(view, Qt.Key.Key_End)
    QTest.keyClick(view, Qt.Key.Key_A, CTRL)
    assert not view.currentIndex().isValid()
    assert selected(view) == []
    view.grab()


def test_a_hundred_thousand_rows_cost_no_more_than_those_in_sight(qtbot):
    view = shown(100_000, qtbot)
    model = view.model()
    model.looks = 0
    for width in (3, 5, 4):
        view.resize(width * CELL, 3 * CELL)
        view.doItemsLayout()
        view.viewport().repaint()
    view.selectAll()
    view.viewport().repaint()
    view.clearSelection()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == 99_999
    # QListView looks at each row for each of these.
    assert model.looks < 1000
