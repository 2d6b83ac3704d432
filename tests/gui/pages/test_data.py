"""The Data page, driven as a person drives it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.gui.robots.data import DataRobot
from tlstudio.core.dataset import Dataset, Image, labels_of
from tlstudio.core.finding import Finding
from tlstudio.gui.pages.data.filter import Shown
from tlstudio.gui.pages.data.page import DataPage
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.basics.flow import FlowLayout
from tlstudio.project.store import Project


@pytest.fixture
def robot(opened, qtbot) -> DataRobot:
    robot = DataRobot(DataPage(opened), qtbot).show()
    qtbot.waitUntil(lambda: bool(robot.page.health.list.buttons), timeout=10_000)
    return robot


def test_shows_all_images_with_class_and_split(robot):
    assert len(robot.images()) == 24
    item = robot.page.view.grid.items()[0]
    assert item.caption in ("ants", "bees", "leaves")
    assert item.badge in ("train", "check", "test")
    assert robot.page.summary() == "24 images, 3 classes"
    assert robot.counts() == {"ants": 8, "bees": 8, "leaves": 8}


def test_number_key_labels_the_image_and_goes_to_the_next(robot, opened):
    robot.click_image("ants/photo-003.jpg")
    following = robot.page.view.grid.key_after("ants/photo-003.jpg")
    robot.press(Qt.Key.Key_2)
    assert robot.label_of("ants/photo-003.jpg") == "bees"
    assert robot.selected() == [following]
    assert robot.counts() == {"ants": 7, "bees": 9, "leaves": 8}
    with Project(opened.project.folder) as on_disk:
        assert on_disk.image("ants/photo-003.jpg").label() == "bees"


def test_the_details_of_an_image_appear_together_in_their_card(robot, monkeypatch):
    arranged: list[int] = []
    arrange = FlowLayout._arrange

    def counted(self: FlowLayout, *args, **kwargs) -> int:
        arranged.append(1)
        return arrange(self, *args, **kwargs)

    preview = robot.page.preview
    assert preview.name.isHidden()
    monkeypatch.setattr(FlowLayout, "_arrange", counted)
    robot.click_image("ants/photo-003.jpg")
    assert len(arranged) < 20, "one by one it was 54"
    parts = (preview.name, preview.facts, preview.label, preview.out, preview.source)
    for part in parts:
        assert part.isVisible()
        assert preview.rect().contains(part.geometry())
    assert preview.name.geometry().bottom() < preview.facts.geometry().top() < preview.label.geometry().top()
    robot.page.view.grid.clearSelection()
    preview.show_image(None, root="", selected=0)
    assert all(part.isHidden() for part in parts)


def test_several_images_get_one_label_and_stay_selected(robot):
    robot.click_image("ants/photo-001.jpg")
    robot.click_image("leaves/photo-005.jpg", Qt.KeyboardModifier.ControlModifier)
    chosen = robot.selected()
    robot.press(Qt.Key.Key_2)
    assert robot.label_of("ants/photo-001.jpg") == robot.label_of("leaves/photo-005.jpg") == "bees"
    assert robot.selected() == chosen


def test_undo_reverts_the_last_label(robot):
    robot.click_image("ants/photo-001.jpg")
    robot.press(Qt.Key.Key_3)
    robot.press(Qt.Key.Key_Z)
    assert robot.label_of("ants/photo-001.jpg") == "ants"
    assert robot.selected() == ["ants/photo-001.jpg"]


@pytest.mark.parametrize("key", [Qt.Key.Key_0, Qt.Key.Key_Delete])
def test_an_image_whose_label_is_removed_is_listed_as_unlabelled(robot, key):
    robot.click_image("bees/photo-002.jpg")
    robot.press(key)
    assert robot.label_of("bees/photo-002.jpg") is None
    assert robot.page.show_card.unlabelled.count == 1
    robot.show_only(robot.page.show_card.unlabelled)
    assert robot.images() == ["bees/photo-002.jpg"]


def test_labelling_goes_on_to_the_next_unlabelled_image(robot):
    for name in ("ants/photo-001.jpg", "ants/photo-002.jpg"):
        robot.click_image(name)
        robot.press(Qt.Key.Key_Delete)
    robot.show_only(robot.page.show_card.unlabelled)
    robot.click_image("ants/photo-001.jpg")
    robot.press(Qt.Key.Key_1)
    assert robot.images() == robot.selected() == ["ants/photo-002.jpg"]
    robot.press(Qt.Key.Key_1)
    assert robot.images() == []
    assert robot.page.view.nothing.isVisible()


def test_digits_in_the_search_field_search_and_do_not_label(robot, qtbot):
    robot.click_image("ants/photo-003.jpg")
    robot.search("photo-002")
    assert robot.label_of("ants/photo-003.jpg") == "ants"
    assert sorted(robot.images()) == ["ants/photo-002.jpg", "bees/photo-002.jpg", "leaves/photo-002.jpg"]


def test_images_can_be_filtered_by_class_and_by_split(robot):
    robot.click_class("leaves")
    assert len(robot.images()) == 8
    assert all(path.startswith("leaves/") for path in robot.images())
    assert robot.page.view.only.isVisible()
    robot.show_only(robot.page.split.sides["test"])
    assert {item.badge for item in robot.page.view.grid.items()} == {"test"}
    robot.show_only(robot.page.view.only)
    assert len(robot.images()) == 24


def test_order_by_class_and_split(robot):
    robot.page.view.sort.setCurrentIndex(robot.page.view.sort.findData("split"))
    badges = [item.badge for item in robot.page.view.grid.items()]
    assert badges == sorted(badges, key=["train", "check", "test"].index)
    robot.page.view.sort.setCurrentIndex(robot.page.view.sort.findData("class"))
    captions = [item.caption for item in robot.page.view.grid.items()]
    assert captions == sorted(captions)


def test_a_class_is_added_and_used(robot):
    robot.add_class("wasps")
    assert robot.counts()["wasps"] == 0
    robot.click_image("ants/photo-000.jpg")
    robot.press(Qt.Key.Key_4)
    assert robot.label_of("ants/photo-000.jpg") == "wasps"


def test_renaming_keeps_the_labels_and_merging_asks(robot):
    robot.rename_class("ants", "Formicidae")
    assert robot.counts() == {"Formicidae": 8, "bees": 8, "leaves": 8}
    robot.rename_class("bees", "leaves")
    assert robot.counts()["bees"] == 8
    robot.answer("Merge")
    assert robot.counts() == {"Formicidae": 8, "leaves": 16}


def test_refusing_the_merge_keeps_both(robot):
    robot.rename_class("bees", "leaves")
    robot.answer("Keep both")
    assert robot.counts() == {"ants": 8, "bees": 8, "leaves": 8}


def test_another_split_is_drawn_and_kept_in_the_recipe(robot, opened, qtbot):
    with qtbot.waitSignal(opened.images_changed, timeout=10_000):
        robot.divide(validation=25, test=0)
    assert robot.page.split.sides["validation"].count == 6
    assert robot.page.split.sides["test"].count == 0
    assert opened.recipe()["split"] == {"validation": 0.25, "test": 0.0}


def test_a_split_without_training_images_is_refused(robot):
    from tlstudio.gui.pages.data.split_dialog import SplitDialog

    robot.page.split.change.click()
    dialog = robot.page.findChild(SplitDialog)
    dialog.validation.setValue(60)
    dialog.test.setValue(60)
    assert not dialog.accept_button.isEnabled()
    assert "training" in dialog.words.text()
    dialog.reject()


def test_preview_shows_where_the_label_came_from(robot):
    robot.click_image("ants/photo-001.jpg")
    assert robot.page.preview.source.text() == "from its folder"
    assert "64 × 48" in robot.page.preview.facts.text()
    robot.press(Qt.Key.Key_2)
    robot.click_image("ants/photo-001.jpg")
    assert robot.page.preview.source.text().startswith("labelled by you, ")
    assert robot.page.preview.label.text() == "bees ▾"


def test_findings_are_shown_most_severe_first_and_show_their_images(robot):
    assert [button.finding.severity for button in robot.page.health.list.buttons] == ["warning", "ok"]
    assert "Worth a look" in robot.page.health.list.buttons[0].accessibleName()
    robot.page.health.list.buttons[0].click()
    assert robot.images() == ["ants/photo-000.jpg", "ants/photo-001.jpg"]
    assert "same" in robot.page.view.only.text()


def test_the_checks_run_again_when_images_are_seen_otherwise(robot, opened, monkeypatch, qtbot):
    monkeypatch.setattr("tlstudio.gui.pages.data.checking.CHECK_AFTER_MS", 0)
    qtbot.waitUntil(lambda: not opened.engine.open_jobs())
    with qtbot.waitSignal(opened.job_started) as started:
        shown_windows().changed.emit()
    assert started.args[0].operation == "check-project"
    qtbot.waitUntil(lambda: not opened.engine.open_jobs())


def test_problem_files_are_listed_with_reason_and_mend(app_state, photos, qtbot):
    root = photos()
    (root / "ants" / "notes.docx").write_bytes(b"x")
    with qtbot.waitSignal(app_state.images_changed, timeout=20_000):
        app_state.open_images(root)
    robot = DataRobot(DataPage(app_state), qtbot).show()
    robot.show_only(robot.page.show_card.problems)
    table = robot.page.view.problems
    assert table.isVisible()
    model = table.model()
    assert [model.index(0, column).data() for column in range(3)] == [
        "ants/notes.docx",
        "This is no image.",
        "Remove it.",
    ]
    robot.page._show_finding(
        Finding(check="unreadable", severity="note", message="1 file.", paths=("ants/notes.docx",))
    )
    assert table.isVisible()


def test_without_a_project_the_page_says_what_to_do(app_state, qtbot):
    robot = DataRobot(DataPage(app_state), qtbot)
    qtbot.addWidget(robot.page)
    robot.page.show()
    assert robot.page.no_project.isVisible()
    with qtbot.waitSignal(robot.page.go_to) as emitted:
        robot.page.no_project.button.click()
    assert emitted.args == ["home"]


def test_a_missing_images_folder_can_be_located(opened, qtbot):
    robot = DataRobot(DataPage(opened), qtbot).show()
    old = opened.project.images_root
    new = old.with_name("moved")
    shutil.move(old, new)
    opened.open_project(opened.project.folder)
    qtbot.waitUntil(lambda: robot.page.missing_folder.isVisible(), timeout=10_000)
    assert str(old) in robot.page.missing_folder._text.text()
    qtbot.waitUntil(lambda: not opened.engine.open_jobs(), timeout=10_000)
    robot.page._found(str(new))
    qtbot.waitUntil(lambda: not robot.page.missing_folder.isVisible(), timeout=10_000)
    qtbot.waitUntil(lambda: len(robot.images()) == 24, timeout=10_000)
    assert opened.project.images_root == new


def test_a_folder_that_moves_while_it_is_open_is_noticed_and_so_is_its_return(opened, qtbot):
    robot = DataRobot(DataPage(opened), qtbot).show()
    explained = []
    opened.explained.connect(explained.append)
    qtbot.waitUntil(lambda: bool(opened.images_folder._watcher.directories()))
    old = opened.project.images_root
    shutil.move(old, old.with_name("moved"))
    qtbot.waitUntil(robot.page.missing_folder.isVisible)
    assert str(old) in robot.page.missing_folder._text.text()
    assert robot.page.summary() == "folder not found"
    assert explained == ["scan-project"]
    shutil.move(old.with_name("moved"), old)
    with qtbot.waitSignal(opened.job_started) as started:
        opened.images_folder.check()
    assert started.args[0].operation == "scan-project"
    qtbot.waitUntil(lambda: not robot.page.missing_folder.isVisible())
    qtbot.waitUntil(lambda: len(robot.images()) == 24)


def test_next_goes_to_the_model_page(robot, qtbot):
    with qtbot.waitSignal(robot.page.go_to) as emitted:
        robot.page.next.click()
    assert emitted.args == ["model"]


def test_every_control_has_a_name_and_nothing_is_cut_at_1280(robot, qtbot):
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSlider, QSpinBox, QWidget

    robot.page.resize(1096, 642)
    qtbot.wait(20)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QSlider, QSpinBox)
    for widget in robot.page.findChildren(QWidget):
        if (
            isinstance(widget, kinds)
            and widget.isVisible()
            and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        ):
            assert widget.accessibleName() or widget.text(), widget
            corner = widget.mapTo(robot.page, widget.rect().bottomRight())
            assert corner.x() < robot.page.width(), widget
    assert robot.page.minimumSizeHint().width() <= 1096
    assert robot.page.minimumSizeHint().height() <= 642


def test_shown_filters_are_exclusive(robot):
    robot.show_only(robot.page.show_card.unlabelled)
    robot.click_class("ants")
    assert not robot.page.show_card.unlabelled.isChecked()
    assert robot.page._shown == Shown("class", "ants")


def test_forty_classes_scroll(app_state, tmp_path: Path, qtbot):
    from PIL import Image

    root = tmp_path / "many"
    for number in range(40):
        folder = root / f"{number:02d} a class with quite a long name (Carabidae)"
        folder.mkdir(parents=True)
        Image.new("RGB", (16, 16), (number * 6, 0, 0)).save(folder / "a.png")
    with qtbot.waitSignal(app_state.images_changed, timeout=20_000):
        app_state.open_images(root)
    robot = DataRobot(DataPage(app_state), qtbot).show(1096, 642)
    classes = robot.page.classes.list
    assert len(classes.rows()) == 40
    assert classes.verticalScrollBar().maximum() > 0
    bottom = robot.page.split.mapTo(robot.page, robot.page.split.rect().bottomLeft()).y()
    assert bottom <= robot.page.height()


def test_labels_are_given_among_ten_thousand_images(app_state, tmp_path: Path, qtbot, monkeypatch):
    images = tuple(
        Image(path=f"c{n % 40}/img_{n:05}.jpg", sha256="0" * 64, labels=labels_of(f"c{n % 40}"))
        for n in range(10_000)
    )
    classes = tuple(f"c{n}" for n in range(40))
    dataset = Dataset.of_folder(tmp_path, images=images, classes=classes)
    with Project.create(tmp_path / "project", name="many", images_root=tmp_path) as project:
        project.apply_scan(dataset)
    monkeypatch.setattr(app_state, "rescan", lambda: None)
    app_state.open_project(tmp_path / "project")
    robot = DataRobot(DataPage(app_state), qtbot).show()
    qtbot.waitUntil(lambda: not app_state.is_reading_images)
    robot.page.view.grid.select_key(robot.images()[5000])
    labelled = robot.images()[5000:5009]
    for _ in labelled:
        robot.press(Qt.Key.Key_3)
    assert {robot.label_of(path) for path in labelled} == {"c2"}
    robot.page.checking.stop()


def test_a_folder_still_being_read_is_not_shown_as_empty(app_state, photos, qtbot):
    robot = DataRobot(DataPage(app_state), qtbot).show()
    app_state.open_images(photos(), name="Insects")
    assert robot.page.view.nothing.accessibleName() == "Reading your images…"
    assert robot.page.summary() == "reading …"
    assert not robot.page.classes.isVisible()
    qtbot.waitUntil(lambda: len(robot.images()) == 24, timeout=20_000)
    assert robot.page.classes.isVisible()
