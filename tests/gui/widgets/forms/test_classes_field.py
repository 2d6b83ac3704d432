"""The field for classes in words."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tlstudio.gui.widgets.forms.classes_field import ClassesField


def test_lines_are_taken_after_a_pause_and_judged(qtbot):
    field = ClassesField()
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.changed) as emitted:
        qtbot.keyClicks(field, "ant: small")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.keyClicks(field, "bee")
    assert emitted.args == ["ant: small\nbee"]
    assert field.problem == ""
    field.set_value("ant, ant")
    assert "given twice" in field.problem
    assert field.value() == "ant, ant"
    assert field.sizeHint().height() > 3 * field.fontMetrics().lineSpacing()
