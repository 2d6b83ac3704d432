"""Layouts that fold and scroll."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QListView, QMenuBar, QPushButton, QWidget

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.folding import (
    SPACING_PIXELS,
    FoldingPage,
    FoldingRow,
    Part,
    SideColumns,
    Stack,
    rows_that_fit,
)


@pytest.mark.parametrize(
    ("room", "rows"), [(330, (3,)), (319, (2, 1)), (210, (2, 1)), (209, (1, 1, 1)), (50, (1, 1, 1))]
)
def test_as_many_parts_per_row_as_fit(room, rows):
    assert rows_that_fit([100, 100, 100], room=room, gap=10) == rows


def test_a_part_may_begin_a_row_whatever_the_room():
    assert rows_that_fit([100, 100, 100], room=1000, gap=10, starts={2}) == (2, 1)
    assert rows_that_fit([100, 100, 100], room=50, gap=10, starts={0, 2}) == (1, 1, 1)


def shown(widget, qtbot, width, height):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitUntil(widget.isVisible)
    return widget


def test_a_row_folds_where_its_ends_do_not_fit_side_by_side(qtbot):
    left, right = QLabel("some words at the left"), QPushButton("a button at the right")
    row = shown(FoldingRow(left, right), qtbot, 600, 80)
    qtbot.waitUntil(lambda: right.x() > left.x())
    row.resize(200, 80)
    qtbot.waitUntil(lambda: right.y() > left.y())
    row.resize(600, 80)
    qtbot.waitUntil(lambda: right.x() > left.x())
    left.setText("some words at the left " * 5)
    qtbot.waitUntil(lambda: right.y() > left.y())


def test_a_page_folds_with_width_and_text_size_and_scrolls_with_height(qapp, qtbot):
    parts = [Part(widget=QWidget(), share=1, least_width=200, least_height=150) for _ in range(2)]
    page = shown(FoldingPage(*parts, name="Page"), qtbot, 450, 200)
    first, second = (part.widget for part in parts)
    assert page.rows == (2,)
    assert page.verticalScrollBar().maximum() == 0
    theme().apply(qapp, "light", text_scale=1.3)
    qtbot.waitUntil(lambda: page.rows == (1, 1))
    qtbot.waitUntil(lambda: second.y() >= first.y() + theme().pixels(150))
    assert page.verticalScrollBar().maximum() > 0
    assert first.width() > 400


def test_folding_keeps_what_qt_made_inside_a_part(qtbot):
    """PySide forgets such objects where a layout around them is removed."""
    bar = QMenuBar()
    action = bar.addMenu("File").addAction("Open")
    parts = [Part(widget=widget, share=1, least_width=200, least_height=10) for widget in (bar, QWidget())]
    page = shown(FoldingPage(*parts, name="Page"), qtbot, 450, 200)
    for width, rows in ((250, (1, 1)), (450, (2,)), (250, (1, 1))):
        page.resize(width, 200)
        qtbot.waitUntil(lambda: page.rows == rows)  # noqa: B023
        assert action.isEnabled()


def test_an_empty_row_takes_no_room(qtbot):
    parts = [Part(widget=QWidget(), share=1, least_width=100, least_height=50) for _ in range(3)]
    page = shown(FoldingPage(*parts, name="Page"), qtbot, 250, 400)
    assert page.rows == (2, 1)
    first, _, third = (part.widget for part in parts)
    qtbot.waitUntil(lambda: third.y() > first.y())
    assert third.y() == first.y() + first.height() + SPACING_PIXELS
    assert first.height() + SPACING_PIXELS + third.height() == 400


def test_a_stack_may_shrink_lists_before_it_scrolls(qtbot):
    heights = {}
    for shrinks in (False, True):
        words = QLabel("many words " * 30)
        words.setWordWrap(True)
        stack = Stack(QListView(), words, shrinks=shrinks)
        qtbot.addWidget(stack)
        heights[shrinks] = stack.heightForWidth(200)
        assert heights[shrinks] > words.heightForWidth(200)
        assert heights[shrinks] > stack.heightForWidth(400)
    assert heights[True] < heights[False]


@pytest.fixture
def sides(qtbot):
    left, right, foot = QLabel("left"), QLabel("right"), QPushButton("Go on")
    columns = SideColumns(
        Stack(left), QLabel("middle"), Stack(right), foot=foot, widths=(200, 240), least_middle=300
    )
    columns.parts = (left, right, foot)
    return shown(columns, qtbot, 1000, 400)


def test_columns_become_one_where_width_is_short_and_the_foot_stays(sides, qtbot):
    left, right, foot = sides.parts
    assert not sides.folded
    assert (sides.left_area.width(), sides.right_side.width()) == (200, 240)
    sides.resize(700, 300)
    qtbot.waitUntil(lambda: sides.folded and not sides.left_area.isVisible())
    assert sides.right_area.isAncestorOf(left)
    assert sides.right_area.isAncestorOf(right)
    assert left.isVisible()
    assert sides.rect().contains(foot.mapTo(sides, foot.rect().bottomRight()))
    sides.resize(1000, 300)
    qtbot.waitUntil(lambda: not sides.folded)
    assert sides.left_area.isAncestorOf(left)


def test_columns_grow_half_as_fast_as_the_text(sides, qapp):
    theme().apply(qapp, "light", text_scale=1.3)
    assert sides.left_area.width() == 230


def test_the_left_column_or_both_can_be_hidden(sides, qtbot):
    left, _right, foot = sides.parts
    sides.show_left(False)
    assert not left.isVisible()
    sides.resize(700, 300)
    qtbot.waitUntil(lambda: sides.right_side.width() == 240)
    assert not left.isVisible()
    sides.show_sides(False)
    assert not foot.isVisible()
    sides.show_sides(True)
    assert left.isVisible()
    assert foot.isVisible()
