"""A text as high as its words need."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tlstudio.gui.widgets.basics.text_box import TextBox


def test_it_grows_with_its_words_and_scrolls_where_the_room_is_short(qtbot):
    page = QWidget()
    box = TextBox(name="What is happening")
    column = QVBoxLayout(page)
    column.addWidget(box)
    column.addStretch(1)
    qtbot.addWidget(page)
    page.resize(240, 400)
    page.show()
    box.set_text("Short.")
    qtbot.waitUntil(lambda: 0 < box.height() < 100)
    box.set_text("Many words that go on and on. " * 12)
    qtbot.waitUntil(lambda: box.height() > 150)
    assert box.verticalScrollBar().maximum() == 0
    assert box.accessibleDescription() == box.text()
    page.resize(240, 120)
    qtbot.waitUntil(lambda: box.verticalScrollBar().maximum() > 0)


def test_a_number_is_not_parted_from_its_sign(qtbot):
    box = TextBox(name="What is happening")
    qtbot.addWidget(box)
    box.set_text("78.9 % of 19 were right.")
    assert box.text() == "78.9 % of 19 were right."
    assert "78.9\u00a0%" in box._label.text()
