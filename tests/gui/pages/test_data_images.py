"""The Data page: keys, images that come and go, classes that are merged and deleted, the large view, undo."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QMenu

from tests.gui.robots.data import DataRobot
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.page import RIGHT_PIXELS, DataPage
from tlstudio.project.store import Project


@pytest.fixture
def robot(opened: AppState, qtbot) -> DataRobot:
    robot = DataRobot(DataPage(opened), qtbot).show()
    qtbot.waitUntil(lambda: bool(robot.page.health.list.buttons), timeout=10_000)
    return robot


@pytest.fixture
def said(opened: AppState) -> list[str]:
    said: list[str] = []
    opened.status_message.connect(said.append)
    return said


def on_disk(robot: DataRobot, path: str):
    with Project(robot.page._app_state.project.folder) as project:
        return project.image(path)


# Keys


def test_twelve_classes_are_chosen_from_a_list_by_typing_and_digits_label_nothing_behind_it(robot):
    for number in range(9):
        robot.add_class(f"kind {number}")
    robot.click_image("ants/photo-001.jpg")
    robot.press(Qt.Key.Key_L)
    picker = robot.page.labelling.picker
    assert picker.isVisible()
    for key in (
        Qt.Key.Key_2,
        Qt.Key.Key_X,
        Qt.Key.Key_Z,
        Qt.Key.Key_Backspace,
        Qt.Key.Key_Delete,
        Qt.Key.Key_0,
    ):
        robot.press(key)
        assert robot.label_of("ants/photo-001.jpg") == "ants"
    assert robot.page._app_state.project.last_step().words == "the new class kind 8"
    picker.filter.clear()
    QTest.keyClicks(QApplication.focusWidget(), "kind 7")
    robot.press(Qt.Key.Key_Return)
    assert not picker.isVisible()
    assert on_disk(robot, "ants/photo-001.jpg").label() == "kind 7"
    assert robot.selected() == ["ants/photo-002.jpg"] or robot.selected() == ["bees/photo-001.jpg"]


def test_a_digit_without_a_selection_selects_the_framed_image_and_the_next_one_labels_it(robot, said):
    grid = robot.page.view.grid
    grid.setFocus()
    grid.clearSelection()
    framed = grid.current_key()
    before = robot.label_of(framed)
    robot.press(Qt.Key.Key_2)
    assert robot.selected() == [framed]
    assert robot.label_of(framed) == before, "the first press changes nothing"
    assert "press the key again" in said[-1]
    robot.press(Qt.Key.Key_2)
    assert robot.label_of(framed) == "bees" != before


def test_a_digit_does_not_reach_the_images_behind_an_open_menu(robot):
    robot.click_image("ants/photo-001.jpg")
    robot.page.view.grid.customContextMenuRequested.emit(robot.page.view.grid.rect().center())
    menu = next(menu for menu in robot.page.findChildren(QMenu) if menu.isVisible())
    QTest.keyClick(menu, Qt.Key.Key_2)
    assert robot.label_of("ants/photo-001.jpg") == "ants"
    menu.close()
    robot.press(Qt.Key.Key_2)
    assert robot.label_of("ants/photo-001.jpg") == "bees"


def test_classes_named_by_digits_have_their_own_key(app_state, photos, qtbot):
    with qtbot.waitSignal(app_state.images_changed, timeout=20_000):
        app_state.open_images(photos(classes=("0", "3", "7"), per_class=2))
    robot = DataRobot(DataPage(app_state), qtbot).show()
    for key, name in ((Qt.Key.Key_7, "7"), (Qt.Key.Key_0, "0"), (Qt.Key.Key_3, "3")):
        robot.click_image("3/photo-001.jpg")
        robot.press(key)
        assert robot.label_of("3/photo-001.jpg") == name
    robot.click_image("3/photo-001.jpg")
    robot.press(Qt.Key.Key_1)
    assert robot.label_of("3/photo-001.jpg") == "3", "no class has the key 1"
    robot.press(Qt.Key.Key_Delete)
    assert robot.label_of("3/photo-001.jpg") is None


# Leaving out


def test_an_image_is_left_out_and_brought_back(robot, said):
    robot.click_image("ants/photo-001.jpg")
    robot.press(Qt.Key.Key_X)
    assert on_disk(robot, "ants/photo-001.jpg").left_out
    assert len(robot.images()) == 23
    assert robot.counts()["ants"] == 7
    assert "left out" in said[-1]
    robot.show_only(robot.page.show_card.left_out)
    assert robot.images() == ["ants/photo-001.jpg"]
    assert robot.page.view.grid.items()[0].badge == "left out"
    robot.click_image("ants/photo-001.jpg")
    assert robot.page.preview.out.text() == "Bring back"
    QTest.mouseClick(robot.page.preview.out, Qt.MouseButton.LeftButton)
    assert not on_disk(robot, "ants/photo-001.jpg").left_out
    assert len(robot.page._app_state.images()) == 24
    assert robot.page.view.nothing.isVisible()


# Images that come and go


def test_a_file_put_into_the_folder_appears_and_one_taken_away_disappears(robot, opened, said):
    root = opened.project.images_root
    shutil.copy(root / "ants" / "photo-001.jpg", root / "bees" / "new.jpg")
    robot.wait_for_images(25)
    assert "bees/new.jpg" in robot.images()
    assert "1 more image" in said[-1]
    (root / "bees" / "new.jpg").unlink()
    robot.press(Qt.Key.Key_F5)
    robot.wait_for_images(24)


def test_look_again_finds_a_new_file(robot, opened):
    opened.folder.watch.close()
    root = opened.project.images_root
    shutil.copy(root / "ants" / "photo-001.jpg", root / "bees" / "new.jpg")
    QTest.mouseClick(robot.page.show_card.look, Qt.MouseButton.LeftButton)
    robot.wait_for_images(25)


def test_files_and_folders_that_are_dropped_are_added_where_they_lie(robot, photos, tmp_path, said):
    folder = photos(name="more", classes=("ants", "wasps"), per_class=2, seed=5)
    loose = tmp_path / "loose.jpg"
    shutil.copy(folder / "ants" / "photo-000.jpg", loose)
    robot.drop(folder, loose)
    robot.wait_for_images(29)
    assert robot.label_of(loose.as_posix()) is None
    assert robot.label_of((folder / "wasps" / "photo-001.jpg").as_posix()) == "wasps"
    assert loose.exists()
    assert "5 files are added" in said[-1]
    robot.press(Qt.Key.Key_Z)
    robot.wait_for_images(24)
    assert "Undone: 5 images added." in said


def test_images_dropped_on_a_class_get_its_label(robot, photos):
    folder = photos(name="more", classes=("x",), per_class=3, seed=5)
    robot.drop(*sorted((folder / "x").iterdir()), on_class="bees")
    robot.wait_for_images(27)
    assert robot.counts()["bees"] == 11
    robot.drop(folder / "x" / "photo-000.jpg", on_class="leaves")
    robot.qtbot.waitUntil(lambda: robot.counts()["leaves"] == 9)
    assert len(robot.page._app_state.images()) == 27, "it was there already"


def test_a_zip_is_unpacked_into_the_project(robot, photos, tmp_path):
    folder = photos(name="more", classes=("wasps",), per_class=2, seed=5)
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as packed:
        for file in sorted((folder / "wasps").iterdir()):
            packed.write(file, f"wasps/{file.name}")
    robot.drop(tmp_path / "more.zip")
    robot.wait_for_images(26)
    project = robot.page._app_state.project
    copied = sorted(path.name for path in (project.images_folder / "more" / "wasps").iterdir())
    assert copied == ["photo-000.jpg", "photo-001.jpg"]
    assert robot.counts()["wasps"] == 2


def test_a_pasted_image_is_saved_in_the_project(robot):
    pixels = QImage(40, 30, QImage.Format.Format_RGB32)
    pixels.fill(QColor("green"))
    QGuiApplication.clipboard().setImage(pixels)
    robot.page.view.grid.setFocus()
    robot.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    robot.wait_for_images(25)
    (file,) = (robot.page._app_state.project.images_folder / "pasted").iterdir()
    assert QImage(str(file)).pixelColor(3, 3) == QColor("green")


def test_a_project_that_is_dropped_is_not_added(robot, opened, tmp_path):
    from PySide6.QtCore import QMimeData, QPoint, QUrl
    from PySide6.QtGui import QDragEnterEvent

    Project.create(tmp_path / "other", name="other", images_root=tmp_path).close()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "other"))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(500, 300), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(robot.page, enter)
    assert not enter.isAccepted(), "the window opens it"


# Classes


def test_a_class_with_images_is_deleted_after_asking_and_undo_brings_all_back(robot, said):
    robot.choose_in_menu(robot.open_class_menu("bees"), "Delete")
    robot.answer("Keep it")
    assert robot.counts()["bees"] == 8
    robot.choose_in_menu(robot.open_class_menu("bees"), "Delete")
    robot.answer("Delete class")
    assert robot.counts() == {"ants": 8, "leaves": 8}
    assert robot.page.show_card.unlabelled.count == 8
    robot.page.view.grid.setFocus()
    robot.press(Qt.Key.Key_Z)
    assert robot.counts() == {"ants": 8, "bees": 8, "leaves": 8}
    assert said[-1] == "Undone: the class bees deleted."
    assert len(robot.selected()) == 8


def test_an_empty_class_is_deleted_by_key_and_no_image_loses_its_label(robot):
    robot.click_image("ants/photo-001.jpg")
    robot.add_class("glas")
    robot.page.classes.list.setFocus()
    robot.page.classes.list.show_chosen("glas")
    robot.press(Qt.Key.Key_Delete)
    assert robot.counts() == {"ants": 8, "bees": 8, "leaves": 8}


def test_two_classes_are_made_one_from_the_menu(robot):
    robot.choose_in_menu(robot.open_class_menu("bees"), "Merge with")
    picker = robot.page.commands.picker
    assert picker.names() == ["ants", "leaves"]
    QTest.keyClicks(picker.filter, "lea")
    QTest.keyClick(picker.filter, Qt.Key.Key_Return)
    robot.answer("Merge")
    assert robot.counts() == {"ants": 8, "leaves": 16}


def test_a_class_gets_another_colour(robot, opened):
    robot.choose_in_menu(robot.open_class_menu("bees"), "Colour")
    dialog = robot.page.findChild(QColorDialog)
    dialog.setCurrentColor(QColor("#123456"))
    dialog.accept()
    assert opened.project.class_colours() == {"bees": "#123456"}
    assert next(item.colour for item in robot.page.view.grid.items() if item.caption == "bees") == "#123456"
    robot.page.view.grid.setFocus()
    robot.press(Qt.Key.Key_Z)
    assert opened.project.class_colours() == {}


def test_a_class_is_renamed_from_the_menu(robot):
    menu = robot.open_class_menu("bees")
    robot.choose_in_menu(menu, "Rename")
    from PySide6.QtWidgets import QLineEdit

    editor = robot.page.classes.list.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "Apidae")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    robot.qtbot.waitUntil(lambda: "Apidae" in robot.counts())


# Undo


def test_what_was_undone_is_selected_though_a_filter_hid_it(robot, said):
    robot.click_image("ants/photo-001.jpg")
    robot.press(Qt.Key.Key_3)
    robot.click_class("bees")
    robot.search("photo-00")
    robot.page.view.grid.setFocus()
    robot.press(Qt.Key.Key_Z)
    assert robot.selected() == ["ants/photo-001.jpg"]
    assert robot.page.view.search.text() == ""
    assert said[-1] == "Undone: 1 image labelled leaves (photo-001.jpg)."
    robot.press(Qt.Key.Key_Z)
    assert said[-1] == "There is nothing to undo."


def test_escape_leads_from_naming_classes_to_the_images(robot):
    robot.add_class("wasps")
    assert "wasps" in robot.page.classes.list.names()
    assert robot.page.classes.add.hasFocus(), "Enter names one more"
    QTest.mouseClick(robot.page.classes.add, Qt.MouseButton.LeftButton)
    robot.press(Qt.Key.Key_Escape)
    assert robot.page.view.grid.hasFocus()


def test_the_shortcut_of_the_field_for_a_name_pressed_again_types_nothing(robot):
    QTest.mouseClick(robot.page.classes.add, Qt.MouseButton.LeftButton)
    QTest.keyClick(robot.page.classes.name, Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    QTest.keyClicks(robot.page.classes.name, "paper")
    assert robot.page.classes.name.text() == "paper"


def test_what_is_said_of_several_images_is_not_cut(robot):
    robot.click_image("ants/photo-001.jpg")
    robot.press(Qt.Key.Key_2)
    robot.click_image("ants/photo-001.jpg")
    robot.click_image("ants/photo-002.jpg", Qt.KeyboardModifier.ControlModifier)
    assert "2 images selected" in robot.page.preview.source.text()
    assert robot.page.preview.minimumSizeHint().width() <= RIGHT_PIXELS


# The large view


@pytest.mark.parametrize("opened_by", ["space", "double click"])
def test_the_large_view_labels_by_key_and_goes_on(robot, opened_by):
    robot.click_image("ants/photo-001.jpg")
    if opened_by == "space":
        robot.press(Qt.Key.Key_Space)
    else:
        grid = robot.page.view.grid
        place = grid.visualRect(grid.currentIndex()).center()
        QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert robot.large == "ants/photo-001.jpg"
    following = robot.page.view.grid.key_after("ants/photo-001.jpg")
    robot.press(Qt.Key.Key_2)
    assert on_disk(robot, "ants/photo-001.jpg").label() == "bees", "on disk before the next key"
    assert robot.large == following
    robot.press(Qt.Key.Key_Left)
    assert robot.large == "ants/photo-001.jpg"
    robot.press(Qt.Key.Key_Z)
    assert robot.label_of("ants/photo-001.jpg") == "ants"
    assert robot.large == "ants/photo-001.jpg"
    robot.press(Qt.Key.Key_Right)
    assert robot.large == following
    robot.press(Qt.Key.Key_X)
    assert on_disk(robot, following).left_out
    assert robot.large not in (None, following)
    shown = robot.large
    robot.press(Qt.Key.Key_Space)
    assert robot.large is None
    assert robot.selected() == [shown]
    assert robot.page.view.grid.hasFocus()


def test_leaving_out_the_last_image_large_goes_to_the_one_before(robot):
    *_, before, last = robot.images()
    robot.click_image(last)
    robot.press(Qt.Key.Key_Space)
    robot.press(Qt.Key.Key_X)
    assert on_disk(robot, last).left_out
    assert robot.large == before


def test_the_large_view_of_unlabelled_images_ends_with_the_last_one(robot):
    for name in ("ants/photo-001.jpg", "ants/photo-002.jpg"):
        robot.click_image(name)
        robot.press(Qt.Key.Key_Delete)
    robot.show_only(robot.page.show_card.unlabelled)
    robot.click_image("ants/photo-001.jpg")
    robot.press(Qt.Key.Key_Space)
    robot.press(Qt.Key.Key_1)
    assert robot.large == "ants/photo-002.jpg"
    robot.press(Qt.Key.Key_1)
    assert robot.large is None
    assert robot.page.view.nothing.isVisible()


def test_sixty_images_labelled_large_by_keyboard_are_all_on_disk(app_state, photos, qtbot):
    with qtbot.waitSignal(app_state.images_changed, timeout=20_000):
        app_state.open_images(photos(per_class=20))
    robot = DataRobot(DataPage(app_state), qtbot).show()
    robot.page.view.grid.select_key(robot.images()[0])
    robot.press(Qt.Key.Key_Space)
    order = robot.images()
    for number, path in enumerate(order):
        assert robot.large == path
        robot.press((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)[number % 3])
    with Project(app_state.project.folder) as project:
        found = {image.path: image.label() for image in project.images()}
    assert [found[path] for path in order] == [("ants", "bees", "leaves")[n % 3] for n in range(60)]


def test_the_page_offers_names_for_what_is_new(robot):
    for control in (robot.page.show_card.add, robot.page.show_card.look, robot.page.classes.change):
        assert control.accessibleName()
        assert control.toolTip()
    assert Path(robot.page._app_state.project.images_folder).name == "images"
