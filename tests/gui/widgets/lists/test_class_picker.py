"""The list of classes that opens above a page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tlstudio.gui.class_looks import class_looks
from tlstudio.gui.widgets.lists.class_picker import NO_LABEL, ClassPicker, matching

NAMES = [*(f"class {n}" for n in range(1, 13)), "Bombus", "bombus terrestris"]


@pytest.fixture
def picker(qtbot):
    picker = ClassPicker("Class")
    qtbot.addWidget(picker)
    picker.open_at(QPoint(40, 40), looks=class_looks(NAMES, colours={}), current=None, can_unlabel=True)
    return picker


@pytest.fixture
def chosen(picker):
    chosen: list[str | None] = []
    picker.class_chosen.connect(chosen.append)
    return chosen


def texts(picker: ClassPicker) -> list[str]:
    model = picker.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def press(key: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget(), key)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", NAMES),
        ("12", ["class 12"]),
        ("CLASS 1", ["class 1", "class 10", "class 11", "class 12"]),
        ("bombus", ["Bombus", "bombus terrestris"]),
        ("terr", ["bombus terrestris"]),
        ("x", []),
    ],
)
def test_matching(text, found):
    assert matching(NAMES, text) == found


def test_typing_filters_and_enter_takes(picker, chosen):
    QTest.keyClicks(QApplication.focusWidget(), "class 12")
    assert picker.names() == ["class 12"]
    press(Qt.Key.Key_Return)
    assert chosen == ["class 12"]
    assert not picker.isVisible()


def test_arrows_move_the_mark(picker, chosen):
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Enter)
    assert chosen == ["class 2"]


def test_enter_takes_nothing_when_nothing_matches(picker, chosen):
    QTest.keyClicks(QApplication.focusWidget(), "wasp")
    assert picker.nothing.isVisible()
    press(Qt.Key.Key_Return)
    assert chosen == []
    assert picker.isVisible()
    press(Qt.Key.Key_Escape)
    assert not picker.isVisible()
    assert chosen == []


def test_the_label_can_be_taken_away_by_mouse(picker, chosen):
    index = picker.list.model().index(texts(picker).index(NO_LABEL), 0)
    picker.list.scrollTo(index)
    place = picker.list.visualRect(index).center()
    QTest.mouseClick(picker.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [None]


def test_the_class_of_the_images_is_marked(qtbot):
    picker = ClassPicker("Class")
    qtbot.addWidget(picker)
    looks = class_looks(NAMES, colours={})
    picker.open_at(QPoint(0, 0), looks=looks, current="Bombus", can_unlabel=False)
    assert picker.list.currentIndex().data() == "Bombus"
    assert NO_LABEL not in texts(picker)
    picker.hide()
    picker.open_at(QPoint(0, 0), looks=(), current=None, can_unlabel=False)
    assert picker.nothing.text() == "There are no classes yet."


def test_it_stays_on_the_screen(picker):
    picker.hide()
    picker.open_at(
        QPoint(100_000, 100_000), looks=class_looks(NAMES, colours={}), current=None, can_unlabel=True
    )
    assert picker.screen().availableGeometry().contains(picker.geometry())
