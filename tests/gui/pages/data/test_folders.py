"""The card about the folders and the dialog for groups, on the Data page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.robots.data import DataRobot
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.groups_dialog import GroupsDialog
from tlstudio.gui.pages.data.page import DataPage
from tlstudio.project.store import Project


@pytest.fixture
def divided(app_state: AppState, photos, tmp_path, qtbot) -> DataRobot:
    """A page with a set that came divided into train and test."""
    for part, seed in (("train", 1), ("test", 2)):
        photos(name=f"set/{part}", per_class=3, seed=seed)
    with qtbot.waitSignal(app_state.images_changed):
        app_state.open_images(tmp_path / "set", name="Insects")
    return DataRobot(DataPage(app_state), qtbot).show()


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_division_is_told_until_it_is_answered(divided: DataRobot, app_state: AppState):
    card = divided.page.folders.card
    assert divided.counts() == {"ants": 6, "bees": 6, "leaves": 6}
    assert card.isVisible()
    assert "train and test are taken as a division" in card.words.text()
    click(card.keep)
    assert not card.isVisible()
    with Project(app_state.project.folder) as on_disk:
        assert "division" in on_disk.answered()


def test_health_is_checked_again_when_a_note_is_answered_or_asked_for_again(
    divided: DataRobot, app_state: AppState, qtbot
):
    page = divided.page
    checks = []
    app_state.job_started.connect(lambda job: checks.append(job.operation))
    click(page.folders.card.keep)
    qtbot.waitUntil(lambda: checks == ["check-project"])
    click(page.show_card.look)
    assert page.folders.card.isVisible()
    qtbot.waitUntil(lambda: checks.count("check-project") == 2)


def test_the_folders_can_be_classes_after_all_and_back(divided: DataRobot, app_state: AppState, qtbot):
    card = divided.page.folders.card
    click(card.choices["top"])
    qtbot.waitUntil(lambda: divided.counts() == {"test": 9, "train": 9})
    assert app_state.recipe()["layout"] == "top"
    qtbot.waitUntil(card.isVisible)
    click(card.choices["auto"])
    qtbot.waitUntil(lambda: divided.counts() == {"ants": 6, "bees": 6, "leaves": 6})


def test_groups_are_set_in_a_dialog_and_kept_in_the_project(opened: AppState, qtbot):
    page = DataRobot(DataPage(opened), qtbot).show().page
    assert not page.folders.card.isVisible()
    click(page.split.groups)
    qtbot.waitUntil(lambda: page.findChild(GroupsDialog) is not None)
    dialog = page.findChild(GroupsDialog)
    dialog.choice.setCurrentIndex(dialog.choice.count() - 1)
    dialog.pattern.setText("photo-00([0-3])")
    qtbot.waitUntil(lambda: "12 of 24 images in 4 groups" in dialog.words.text())
    dialog.partial.setChecked(True)
    click(dialog.accept_button)
    qtbot.waitUntil(lambda: any(image.group == "0" for image in opened.images()))
    assert opened.recipe()["split"] == {"groups": "photo-00([0-3])", "groups_partial": True}
