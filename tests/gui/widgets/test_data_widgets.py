"""The small widgets of the Data page: class list, split bar, findings, flowing rows, preview."""

from __future__ import annotations

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from tlstudio.core.finding import Finding
from tlstudio.gui.class_looks import class_looks
from tlstudio.gui.engine_client import Background
from tlstudio.gui.theme import theme
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.gui.widgets.figures.split_bar import SplitBar, split_colours
from tlstudio.gui.widgets.images.preview import Preview
from tlstudio.gui.widgets.lists.class_list import ClassList
from tlstudio.gui.widgets.lists.finding_button import FindingButton


def shown(classes: ClassList, **counts: int) -> None:
    classes.set_classes(class_looks(list(counts), colours={}), counts=counts)


def test_class_list_says_counts_and_keys(qtbot):
    classes = ClassList()
    qtbot.addWidget(classes)
    shown(classes, **{f"class {n}": n for n in range(11)})
    words = classes.index_of("class 1").data(Qt.ItemDataRole.AccessibleTextRole)
    assert words.startswith("class 1, 1 image. Press 2")
    assert "Press" not in classes.index_of("class 9").data(Qt.ItemDataRole.AccessibleTextRole)


def test_class_list_keeps_its_choice_when_counts_change(qtbot):
    classes = ClassList()
    qtbot.addWidget(classes)
    shown(classes, a=1, b=2)
    classes.show_chosen("b")
    shown(classes, a=2, b=1)
    assert classes.current_class() == "b"
    classes.show_chosen(None)
    assert classes.current_class() is None


def test_a_class_that_was_just_named_is_in_sight(qtbot):
    classes = ClassList()
    qtbot.addWidget(classes)
    classes.resize(200, 90)
    classes.show()
    counts = {f"class {number}": 0 for number in range(12)}
    shown(classes, **counts)
    assert classes.verticalScrollBar().value() == 0
    shown(classes, **counts, new=0)
    assert classes.viewport().rect().contains(classes.visualRect(classes.index_of("new")))
    scrolled = classes.verticalScrollBar().value()
    shown(classes, **{name: 0 for name in counts if name != "class 11"}, new=0)
    assert classes.verticalScrollBar().value() > scrolled - 60, "the list stays where it was scrolled to"


def test_enter_chooses_a_class(qtbot):
    classes = ClassList()
    qtbot.addWidget(classes)
    shown(classes, a=1, b=2)
    classes.show_chosen("b")
    with qtbot.waitSignal(classes.chosen) as emitted:
        QTest.keyClick(classes, Qt.Key.Key_Return)
    assert emitted.args == ["b"]


def test_split_bar_shows_shares(qtbot):
    bar = SplitBar()
    qtbot.addWidget(bar)
    bar.resize(200, 14)
    bar.set_counts(train=50, validation=25, test=25)
    assert "train 50" in bar.accessibleName()
    picture = bar.grab().toImage()
    found = [picture.pixelColor(x, 7).name() for x in (50, 120, 180)]
    assert found == list(split_colours())
    colours = theme().colours
    assert not {colours.ice, colours.fire} & set(split_colours())


def test_an_empty_split_bar_is_grey(qtbot):
    bar = SplitBar()
    qtbot.addWidget(bar)
    bar.resize(200, 14)
    assert bar.grab().toImage().pixelColor(100, 7).name() == theme().colours.line


def test_a_long_finding_gets_higher_when_narrow(qtbot):
    button = FindingButton(
        Finding(check="c", severity="serious", message="word " * 30, mend="mend " * 20, paths=("a",)),
        shows_images=True,
    )
    qtbot.addWidget(button)
    assert button.heightForWidth(150) > button.heightForWidth(400) > button.heightForWidth(2000)
    assert button.accessibleName().startswith("Must be mended")


def test_a_finding_without_images_is_no_tab_stop(qtbot):
    button = FindingButton(Finding(check="c", severity="ok", message="All fine."), shows_images=True)
    qtbot.addWidget(button)
    assert button.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_flow_layout_wraps_into_lines(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    flow = FlowLayout(box, spacing=5)
    buttons = [QPushButton(f"button {n}") for n in range(4)]
    for button in buttons:
        flow.addWidget(button)
    width = buttons[0].sizeHint().width()
    box.resize(2 * width + 10, 200)
    box.show()
    flow.activate()
    assert buttons[1].y() == buttons[0].y()
    assert buttons[2].y() > buttons[0].y()
    assert buttons[2].x() == buttons[0].x()
    assert flow.heightForWidth(10_000) < flow.heightForWidth(width + 5)
    buttons[0].hide()
    flow.invalidate()
    flow.activate()
    assert buttons[1].x() == 0


def test_preview_shows_the_whole_image(qtbot, tmp_path):
    path = tmp_path / "a.png"
    Image.new("RGB", (100, 300), (10, 200, 30)).save(path)
    background = Background()
    preview = Preview(background)
    qtbot.addWidget(preview)
    preview.resize(260, 180)
    preview.show_path(str(path))
    with qtbot.waitSignal(preview._pictures.ready):
        preview.grab()
    picture = preview.grab().toImage()
    assert picture.pixelColor(130, 5).name() == "#0ac81e"
    assert picture.pixelColor(90, 90).name() == theme().colours.bg
    assert preview.accessibleName() == "Preview of a.png"
    background.close()
