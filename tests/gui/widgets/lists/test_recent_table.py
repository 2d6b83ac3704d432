from datetime import UTC, datetime
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.lists.recent_table import RecentTable
from tlstudio.project.recent import RecentProject


def recent(name: str, **rest) -> RecentProject:
    values = {"folder": f"/projects/{name}", "images": 1204, "opened": datetime.now(UTC).isoformat()}
    return RecentProject(name=name, **(values | rest))


BEES = recent("Bees", best=0.947, best_interval=(0.9, 0.97))
WELDS = recent("Welds", images=8)


def at(table: RecentTable, row: int, column: int):
    return table.model().index(row, column)


@pytest.fixture
def table(qtbot):
    table = RecentTable()
    qtbot.addWidget(table)
    table.resize(560, 200)
    table.set_projects([BEES, WELDS])
    table.show()
    return table


def test_a_row_shows_name_images_accuracy_and_day(table):
    rows = [[at(table, row, column).data() for column in range(4)] for row in range(2)]
    assert rows == [["Bees", "1\u202f204", "94.7 % (90–97)", "today"], ["Welds", "8", "–", "today"]]
    assert at(table, 0, 0).data(Qt.ItemDataRole.ToolTipRole) == "/projects/Bees"
    assert "95 %" in at(table, 0, 2).data(Qt.ItemDataRole.ToolTipRole)
    assert at(table, 1, 2).data(Qt.ItemDataRole.ToolTipRole) == "/projects/Welds"


def test_a_click_opens_the_project_of_the_row(table, qtbot):
    with qtbot.waitSignal(table.project_chosen) as chosen:
        spot = table.visualRect(at(table, 1, 0)).center()
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert chosen.args == ["/projects/Welds"]


def test_columns_are_hidden_before_names_are_elided(table):
    shown = []
    for width in (560, 400, 330, 250, 150):
        table.setFixedWidth(width)
        shown.append([column for column in range(4) if not table.isColumnHidden(column)])
    assert shown[0] == [0, 1, 2, 3]
    assert shown[-1] == [0]
    assert all(set(after) <= set(before) for before, after in pairwise(shown))


def test_a_name_of_usual_length_is_whole_before_other_columns_are_shown(table):
    table.set_projects([recent("Nuts and bolts", best=0.947, best_interval=(0.9, 0.97))])
    for width in range(200, 400, 20):
        table.setFixedWidth(width)
        QApplication.processEvents()  # the header resizes its columns later
        assert table.columnWidth(0) >= table.sizeHintForColumn(0), width


def test_unchanged_projects_are_not_rebuilt(table):
    resets = []
    table.model().modelReset.connect(lambda: resets.append(1))
    table.set_projects([BEES, WELDS])
    assert resets == []
    table.set_projects([WELDS])
    assert table.model().rowCount() == 1
    assert at(table, 0, 0).data() == "Welds"


def test_rows_grow_with_the_text(table, qapp):
    low = table.rowHeight(0)
    theme().apply(qapp, "light", text_scale=1.3)
    assert table.rowHeight(0) > low


def test_the_dots_open_a_menu_instead_of_the_project(table, qtbot):
    chosen = []
    table.project_chosen.connect(chosen.append)
    spot = table.visualRect(at(table, 1, 4)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    qtbot.waitUntil(table.menu.isVisible)
    with qtbot.waitSignal(table.folder_wanted) as wanted:
        table.show_action.trigger()
    table.menu.close()
    assert wanted.args == ["/projects/Welds"]
    assert chosen == []


def test_a_name_is_edited_where_it_stands(table, qtbot):
    table.setCurrentIndex(at(table, 1, 0))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    editor = table.findChild(QLineEdit)
    editor.setText("  Welding seams ")
    table.set_projects([BEES])  # read again meanwhile: nothing is taken from under the cursor
    with qtbot.waitSignal(table.renamed) as renamed:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert renamed.args == ["/projects/Welds", "Welding seams"]


@pytest.mark.parametrize("text", ["", "  ", "Welds"])
def test_no_name_and_the_same_name_change_nothing(table, qtbot, text):
    renamed = []
    table.renamed.connect(lambda folder, name: renamed.append(name))
    table.setCurrentIndex(at(table, 1, 0))
    table.rename_action.trigger()
    editor = table.findChild(QLineEdit)
    editor.setText(text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert renamed == []
    assert at(table, 1, 0).data() == "Welds"


def test_del_asks_for_removal(table, qtbot):
    table.setCurrentIndex(at(table, 0, 0))
    with qtbot.waitSignal(table.removed) as removed:
        qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert removed.args == ["/projects/Bees"]


def test_a_project_that_is_not_there_says_so_and_can_only_be_opened_or_removed(table, qtbot):
    table.set_projects([BEES, WELDS], missing={WELDS.folder})
    assert [at(table, row, 0).data() for row in range(2)] == ["Bees", "Welds (not found)"]
    table.setCurrentIndex(at(table, 1, 0))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    assert table.findChild(QLineEdit) is None
    assert "drive" in at(table, 1, 0).data(Qt.ItemDataRole.ToolTipRole)
    enabled = []
    for row in range(2):
        table.customContextMenuRequested.emit(table.visualRect(at(table, row, 0)).center())
        enabled.append((table.rename_action.isEnabled(), table.show_action.isEnabled()))
        table.menu.close()
    assert enabled == [(True, True), (False, False)]
    assert table.remove_action.isEnabled()


def test_the_current_project_stays_current_when_the_list_changes(table):
    table.setCurrentIndex(at(table, 1, 0))
    table.set_projects([recent("Moths"), BEES, WELDS])
    assert table.currentIndex().row() == 2
    removed = []
    table.removed.connect(removed.append)
    table.remove_current()
    table.set_projects([recent("Moths"), BEES])
    table.remove_current()
    assert removed == ["/projects/Welds", "/projects/Bees"]


def test_a_menu_of_a_list_that_has_become_empty_opens_nothing(table):
    chosen = []
    table.project_chosen.connect(chosen.append)
    table.setCurrentIndex(at(table, 1, 0))
    table.set_projects([])
    table.menu.actions()[0].trigger()
    table.show_action.trigger()
    assert chosen == []
