"""The mend of a finding stands beside its images, and undoing takes it back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from tests.gui.robots.data import DataRobot
from tlstudio.core.finding import Finding, MendAction
from tlstudio.gui.pages.data.page import DataPage
from tlstudio.gui.pages.data.split_dialog import SplitDialog

PATHS = ("bees/photo-004.jpg", "ants/photo-001.jpg")


@pytest.fixture
def robot(opened, qtbot) -> DataRobot:
    robot = DataRobot(DataPage(opened), qtbot).show()
    qtbot.waitUntil(lambda: bool(robot.page.health.list.buttons), timeout=10_000)
    return robot


def show(robot: DataRobot, action: MendAction | None) -> None:
    finding = Finding(check="x", severity="warning", message="Look.", paths=PATHS, action=action)
    robot.page.health.show_requested.emit(finding)


def test_the_images_come_in_the_order_of_the_finding_with_its_mend_beside_them(robot):
    show(robot, MendAction(kind="leave-out", words="Leave out 1 copy", paths=PATHS[:1]))
    assert [item.key for item in robot.page.view.grid.items()] == list(PATHS)
    mend = robot.page.view.mend
    assert (mend.isVisible(), mend.text()) == (True, "Leave out 1 copy")
    robot.page.view.only.click()
    assert not mend.isVisible()


def test_a_finding_without_a_mend_offers_none(robot):
    show(robot, MendAction(kind="leave-out", words="Leave out 1 copy", paths=PATHS[:1]))
    show(robot, None)
    assert not robot.page.view.mend.isVisible()


def test_images_are_left_out_and_undo_brings_them_back(robot, opened):
    show(robot, MendAction(kind="leave-out", words="Leave out 1 copy", paths=PATHS[:1]))
    robot.page.view.mend.click()
    assert PATHS[0] not in {image.path for image in opened.project.images()}
    assert len(robot.images()) == 23
    opened.edits.undo()
    assert PATHS[0] in {image.path for image in opened.project.images()}


def test_suggested_classes_stand_below_the_images_until_they_have_them(robot):
    show(robot, MendAction(kind="leave-out", words="Leave out", paths=PATHS, suggested=("leaves", "ants")))
    assert [item.caption for item in robot.page.view.grid.items()] == ["bees → leaves?", "ants"]
    robot.click_image(PATHS[0])
    robot.press(Qt.Key.Key_3)
    assert [item.caption for item in robot.page.view.grid.items()] == ["leaves", "ants"]
    robot.page.view.only.click()
    assert not any("→" in item.caption for item in robot.page.view.grid.items())


def test_dividing_anew_asks_first(robot):
    show(robot, MendAction(kind="divide", words="Divide anew…"))
    robot.page.view.mend.click()
    dialog = robot.page.findChild(SplitDialog)
    assert isinstance(dialog, QDialog)
    dialog.reject()
