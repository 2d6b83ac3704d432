"""The choice of several label columns."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tlstudio.gui.widgets.forms.columns_field import ColumnsField

CHOICES = [("size, in cm", "size, in cm (10 5, 20 7)"), ("health", "health (ill 5 & well 7)")]


@pytest.fixture
def field(qtbot) -> ColumnsField:
    field = ColumnsField()
    qtbot.addWidget(field)
    field.show()
    return field


def test_ticked_columns_are_the_value_in_the_order_of_the_table(field, qtbot):
    field.set_choices(CHOICES)
    assert (field.value(), field.none.isVisible()) == ("", False)
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClick(field.boxes["health"], Qt.Key.Key_Space)
    assert emitted.args == ["health"]
    qtbot.keyClick(field.boxes["size, in cm"], Qt.Key.Key_Space)
    assert field.value() == '"size, in cm",health'
    assert field.boxes["health"].text() == "health (ill 5 && well 7)"
    for box in field.boxes.values():
        qtbot.keyClick(box, Qt.Key.Key_Space)
    assert field.value() == ""


def test_a_value_is_shown_as_soon_as_its_column_is_known(field):
    field.set_value("health")
    assert field.problem == ""
    field.set_choices(CHOICES)
    assert field.boxes["health"].isChecked()
    assert not field.boxes["size, in cm"].isChecked()


def test_a_column_that_is_gone_is_said_and_so_is_that_there_is_none(field, qtbot):
    field.set_value("colour")
    with qtbot.waitSignal(field.problem_changed):
        field.set_choices([])
    assert field.problem == "There is no column “colour” to learn. Choose others."
    assert field.none.isVisible()
    field.set_value("")
    assert field.problem == ""
