from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tlstudio.gui.engine_client import Background
from tlstudio.gui.widgets.images.image_grid import GAP, GridItem, ImageGrid


@pytest.fixture
def grid(qtbot):
    background = Background()
    grid = ImageGrid(background)
    qtbot.addWidget(grid)
    grid.resize(600, 400)
    grid.show()
    yield grid
    background.close()


def items(count: int, *, caption: str = "roses") -> list[GridItem]:
    return [
        GridItem(path=f"/none/{n}.xyz", caption=caption, badge="train", tip=f"tip {n}", key=f"k{n}")
        for n in range(count)
    ]


def test_the_selection_is_emitted_in_order(grid, qtbot):
    grid.set_items(items(10))
    grid.select_key("k4")
    with qtbot.waitSignal(grid.selection_changed) as emitted:
        QTest.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert emitted.args == [["k4", "k5"]]
    assert grid.selected_keys() == ["k4", "k5"]


def test_enter_opens(grid, qtbot):
    grid.set_items(items(3))
    grid.select_key("k1")
    with qtbot.waitSignal(grid.activated_key) as emitted:
        QTest.keyClick(grid, Qt.Key.Key_Return)
    assert emitted.args == ["k1"]


def test_new_captions_keep_selection_and_place(grid, qtbot):
    grid.set_items(items(500))
    grid.select_key("k400")
    place = grid.verticalScrollBar().value()
    assert place > 0
    grid.set_items(items(500, caption="tulips"))
    assert grid.selected_keys() == ["k400"]
    assert grid.current_key() == "k400"
    assert grid.verticalScrollBar().value() == place
    assert grid.items()[400].caption == "tulips"


def test_removed_items_are_deselected(grid, qtbot):
    grid.set_items(items(10))
    grid.selectAll()
    with qtbot.waitSignal(grid.selection_changed):
        grid.set_items(items(10)[5:])
    assert grid.selected_keys() == ["k5", "k6", "k7", "k8", "k9"]
    grid.set_items([])
    assert grid.selected_keys() == []
    assert grid.current_key() is None


def test_key_after(grid):
    grid.set_items(items(3))
    assert grid.key_after("k1") == "k2"
    assert grid.key_after("k2") is None
    assert grid.key_after("unknown") is None


def test_squares_fill_the_width(grid, qtbot):
    grid.set_items(items(50))
    for side in (72, 112, 200):
        grid.set_thumbnail_side(side)
        cell = grid.gridSize().width()
        columns = grid.viewport().width() // cell
        assert side <= grid.thumbnail_side == cell - GAP
        assert grid.viewport().width() - columns * cell <= columns
        # The last of the first row is in the first row.
        assert grid.visualRect(grid.model().index(columns - 1, 0)).top() < cell


def test_names_for_screen_readers_and_tips(grid):
    grid.set_items(items(2))
    index = grid.model().index(1, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "1.xyz, roses, train"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "tip 1"


def test_a_thumbnail_appears_when_it_is_made(grid, tmp_path: Path, qtbot):
    path = tmp_path / "red.png"
    Image.new("RGB", (200, 200), (250, 10, 20)).save(path)
    grid.set_items([GridItem(path=str(path), key="a")])
    centre = grid.visualRect(grid.model().index(0, 0)).center()
    with qtbot.waitSignal(grid.thumbnails.ready):
        grid.viewport().grab()
    colour = grid.viewport().grab().toImage().pixelColor(centre)
    assert (colour.red(), colour.green()) == (250, 10)


def test_only_visible_thumbnails_are_read(grid, qtbot):
    grid.set_items(items(10_000))
    grid.viewport().grab()
    seen = len(grid.thumbnails._waiting) + len(grid.thumbnails._running) + len(grid.thumbnails._cached)
    assert 0 < seen < 60


def test_items_are_made_only_when_visible(grid):
    class Made(list):
        asked = 0

        def __getitem__(self, place):
            self.asked += 1
            return super().__getitem__(place)

    made = Made(items(20_000))
    grid.set_items(made, keys=[f"k{n}" for n in range(20_000)])
    grid.selectAll()
    grid.viewport().grab()
    assert grid.selected_count() == len(grid.selected_keys()) == 20_000
    assert grid.is_selected("k19999")
    assert not grid.is_selected("unknown")
    assert not grid.is_selected(None)
    grid.set_items(made, keys=[f"k{n}" for n in range(0, 20_000, 2)])
    assert grid.selected_count() == 10_000
    assert 0 < made.asked < 500
