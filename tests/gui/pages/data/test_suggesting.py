"""Images to label next, with suggestions that Enter takes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.gui.robots.data import DataRobot
from tlstudio.gui.pages.data import suggesting
from tlstudio.gui.pages.data.page import DataPage

UNLABELLED = ["ants/photo-002.jpg", "ants/photo-003.jpg", "bees/photo-001.jpg", "leaves/photo-005.jpg"]


@pytest.fixture
def robot(opened, qtbot, monkeypatch) -> DataRobot:
    """The page of a project in which four images have no label."""
    monkeypatch.setattr(suggesting, "AGAIN_AFTER_MS", 0)
    opened.edits.set_label(UNLABELLED, class_name=None)
    return DataRobot(DataPage(opened), qtbot).show()


def shown(robot: DataRobot) -> list[str]:
    return [item.key for item in robot.page.view.grid.items()] if robot.page.view.shows_images else []


def show(robot: DataRobot, button, *, count: int = 4) -> None:
    robot.show_only(button)
    robot.qtbot.waitUntil(lambda: len(shown(robot)) == count, timeout=10_000)


def settle(robot: DataRobot, opened) -> None:
    page = robot.page.suggesting
    robot.qtbot.waitUntil(
        lambda: not page._timer.isActive() and not (page._job and page._job.is_open), timeout=10_000
    )


def labels(opened) -> dict[str, str | None]:
    return {path: opened.image(path).label() for path in UNLABELLED}


def test_enter_takes_a_suggestion_and_goes_to_the_next_image(robot, opened):
    show(robot, robot.page.show_card.useful)
    grid = robot.page.view.grid
    assert [item.caption for item in grid.items()] == ["photo? 94 %"] * 4
    assert robot.selected() == [UNLABELLED[0]], "so that Enter takes it at once"
    assert (
        "about 75\u00a0% (40–95), by 20 labelled images that were held out"
        in robot.page.show_card.learned.text()
    )
    robot.click_image("photo-002.jpg")
    assert "Enter takes the suggestion" in robot.page.view.status.text()
    robot.press(Qt.Key.Key_Return)
    assert labels(opened)[UNLABELLED[0]] == "photo"
    assert robot.selected() == [UNLABELLED[1]]
    settle(robot, opened)
    assert shown(robot) == UNLABELLED[1:]
    robot.press(Qt.Key.Key_Z)
    assert set(labels(opened).values()) == {None}


def test_all_that_it_is_sure_of_are_taken_at_once_and_undone_at_once(robot, opened):
    show(robot, robot.page.show_card.sure)
    robot.page.view.grid.setFocus()
    robot.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    robot.press(Qt.Key.Key_Return)
    assert set(labels(opened).values()) == {"photo"}
    settle(robot, opened)
    assert not robot.page.view.shows_images
    robot.press(Qt.Key.Key_Z)
    assert set(labels(opened).values()) == {None}


def test_another_class_by_its_key_is_as_before(robot, opened):
    show(robot, robot.page.show_card.useful)
    robot.click_image("photo-003.jpg")
    robot.press(Qt.Key.Key_1)
    assert labels(opened)[UNLABELLED[1]] == "ants"


def test_a_suggestion_is_no_label_and_elsewhere_enter_opens_the_image(robot, opened):
    show(robot, robot.page.show_card.useful)
    show(robot, robot.page.show_card.all, count=24)
    assert set(labels(opened).values()) == {None}
    assert not any("?" in item.caption for item in robot.page.view.grid.items())
    assert robot.page.show_card.learned.isHidden()
    robot.click_image("photo-002.jpg")
    robot.press(Qt.Key.Key_Return)
    assert robot.page.view._is_large
    assert set(labels(opened).values()) == {None}


def test_without_unlabelled_images_nothing_is_offered(opened, qtbot):
    robot = DataRobot(DataPage(opened), qtbot).show()
    card = robot.page.show_card
    assert card.useful.isHidden()
    assert card.sure.isHidden()
    opened.edits.set_label([UNLABELLED[0]], class_name=None)
    assert card.useful.isVisible()


def test_until_two_classes_have_labels_images_come_without_suggestions(robot, opened):
    opened.edits.set_label([image.path for image in opened.images()], class_name=None)
    show(robot, robot.page.show_card.useful, count=20)
    assert {item.caption for item in robot.page.view.grid.items()} == {""}
    assert "once two classes have" in robot.page.show_card.learned.text()
    show(robot, robot.page.show_card.sure, count=0)
    settle(robot, opened)
    assert robot.page.view.nothing.isVisible()


def test_while_the_engine_trains_suggestions_are_put_off(robot, opened, qtbot):
    job = opened.submit("wait")
    robot.show_only(robot.page.show_card.useful)
    assert robot.page.suggesting.is_waiting
    assert "busy" in robot.page.suggesting.waiting_words()[1]
    job.command("cancel")
    qtbot.waitUntil(lambda: len(shown(robot)) == 4, timeout=10_000)


def test_the_selected_image_stays_when_other_suggestions_come(robot, opened, monkeypatch):
    show(robot, robot.page.show_card.useful)
    robot.click_image("photo-005.jpg")
    page, chosen = robot.page.suggesting, UNLABELLED[3]
    monkeypatch.setitem(suggesting.COUNTS, "useful", 2)  # the selected one is not among them
    opened.edits.set_label([UNLABELLED[0]], class_name="ants")
    settle(robot, opened)
    assert robot.selected() == [chosen]
    assert shown(robot) == [chosen, *UNLABELLED[1:3]]
    assert page._suggestions[chosen].class_name == "photo"


def test_a_failure_is_said_once_and_the_list_can_be_chosen_again(robot, opened, qtbot, monkeypatch):
    failures = []
    opened.failed.connect(failures.append)
    page = robot.page.suggesting
    monkeypatch.setitem(suggesting.COUNTS, "useful", 0)  # the engine refuses it
    robot.show_only(robot.page.show_card.useful)
    qtbot.waitUntil(lambda: page._has_failed, timeout=10_000)
    qtbot.waitUntil(lambda: not opened.engine.open_jobs())
    qtbot.wait(400)
    assert len(failures) == 1
    assert robot.page.view.nothing.isVisible()
    assert "again" in page.waiting_words()[1]
    monkeypatch.setitem(suggesting.COUNTS, "useful", 20)
    show(robot, robot.page.show_card.useful)


def test_what_was_found_for_another_project_is_not_shown(robot, opened, qtbot, photos):
    robot.show_only(robot.page.show_card.useful)
    page = robot.page.suggesting
    job = page._job
    with qtbot.waitSignal(opened.project_changed):
        opened.open_images(photos(name="other"), name="Other")
    qtbot.waitUntil(lambda: not job.is_open and bool(opened.images()), timeout=10_000)
    assert page._paths is None
    assert page._suggestions == {}
    assert not page.is_waiting
