from datetime import UTC, datetime
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt

from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.lists.recent_table import RecentTable
from tlstudio.project.recent import RecentProject


def recent(name: str, **rest) -> RecentProject:
    values = {"folder": f"/projects/{name}", "images": 1204, "opened": datetime.now(UTC).isoformat()}
    return RecentProject(name=name, **(values | rest))


BEES = recent("Bees", best=0.947, best_interval=(0.9, 0.97))
WELDS = recent("Welds", images=8)


@pytest.fixture
def table(qtbot):
    table = RecentTable()
    qtbot.addWidget(table)
    table.resize(560, 200)
    table.set_projects([BEES, WELDS])
    table.show()
    return table


def test_a_row_shows_name_images_accuracy_and_day(table):
    rows = [[table.item(row, column).text() for column in range(4)] for row in range(2)]
    assert rows == [["Bees", "1\u202f204", "94.7 % (90–97)", "today"], ["Welds", "8", "–", "today"]]
    assert table.item(0, 0).toolTip() == "/projects/Bees"
    assert "95 %" in table.item(0, 2).toolTip()
    assert table.item(1, 2).toolTip() == "/projects/Welds"


def test_a_click_opens_the_project_of_the_row(table, qtbot):
    with qtbot.waitSignal(table.project_chosen) as chosen:
        spot = table.visualItemRect(table.item(1, 0)).center()
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


def test_unchanged_projects_are_not_rebuilt(table):
    before = table.item(0, 0)
    table.set_projects([BEES, WELDS])
    assert table.item(0, 0) is before
    table.set_projects([WELDS])
    assert table.rowCount() == 1
    assert table.item(0, 0).text() == "Welds"


def test_rows_grow_with_the_text(table, qapp):
    low = table.rowHeight(0)
    theme().apply(qapp, "light", text_scale=1.3)
    assert table.rowHeight(0) > low
