"""A check box that breaks its words into lines."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tlstudio.gui.widgets.basics.wrapping_check_box import WrappingCheckBox

WORDS = "Return to the start where the result is not clearly better"


def test_its_words_take_as_many_lines_as_they_need(qtbot):
    box = WrappingCheckBox(WORDS)
    qtbot.addWidget(box)
    box.resize(1000, 60)
    box.show()
    one_line = box.sizeHint()
    assert box.text() == WORDS
    for width in (220, 140, box.minimumSizeHint().width()):
        box.resize(width, 200)
        assert box.text().replace("\n", " ") == WORDS
        assert box.sizeHint().width() <= width
        assert box.sizeHint().height() > one_line.height()
    box.resize(1000, 60)
    assert box.text() == WORDS
    assert box.accessibleName() == WORDS


def test_a_click_on_any_line_checks_it(qtbot):
    box = WrappingCheckBox(WORDS)
    qtbot.addWidget(box)
    box.resize(160, 120)
    box.show()
    place = box.rect().center()
    place.setX(60)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=place)
    assert box.isChecked()
