"""Messages withdraw when their cause is gone or their page is left."""

from __future__ import annotations

import pytest

from tlstudio.core.errors import UserError
from tlstudio.core.events import JobFailed
from tlstudio.gui.app_state import AppState

LONG = 20_000


def fail(app_state, qtbot) -> None:
    with qtbot.waitSignal(app_state.failed, timeout=LONG):
        app_state.submit("sample", sample="broken")


def succeed(app_state, qtbot, operation: str, **arguments: object) -> None:
    with qtbot.waitSignal(app_state.submit(operation, **arguments).succeeded, timeout=LONG):
        pass


def test_a_message_goes_when_a_later_job_of_its_kind_succeeds(robot, app_state, qtbot):
    fail(app_state, qtbot)
    assert "The sample is broken" in robot.message
    succeed(app_state, qtbot, "search-backbones", text="x")
    assert "The sample is broken" in robot.message, "another kind of job says nothing about it"
    succeed(app_state, qtbot, "sample", sample="nuts-and-bolts")
    assert robot.message == ""


def test_a_message_goes_with_the_page_on_which_it_came(window, robot, app_state, qtbot):
    fail(app_state, qtbot)
    window.show_page("home")
    assert robot.message != "", "the page was not left"
    window.show_page("model")
    assert robot.message == ""
    fail(app_state, qtbot)
    window.show_page("home")
    assert robot.message == ""


def test_an_error_of_the_window_goes_when_the_next_change_is_saved(robot, opened, window, qtbot):
    window.show_page("data")
    opened.edits.add_class("  ")
    assert "needs a name" in robot.message
    opened.edits.add_class("wasps")
    assert robot.message == ""


def test_a_failed_job_is_still_told_after_a_change_was_saved(robot, opened, window, qtbot):
    fail(opened, qtbot)
    opened.edits.add_class("wasps")
    assert "The sample is broken" in robot.message


def test_messages_about_one_project_go_when_another_one_is_opened(robot, opened, photos, qtbot):
    opened.show_error(UserError("Something is wrong here.", mend="Mend it."))
    assert robot.message != ""
    with qtbot.waitSignal(opened.images_changed, timeout=LONG):
        opened.open_images(photos(name="Others", per_class=1))
    assert robot.message == ""


@pytest.mark.parametrize("page", ["model", "train"])
def test_a_fault_of_ours_stays_until_it_is_dismissed(robot, window, app_state, page):
    app_state.failed.emit(JobFailed(run_id="window", what="A fault.", work="", mend="", fault=True))
    window.show_page(page)
    app_state.saved.emit()
    assert "A fault." in robot.message
    robot.dismiss_message()
    assert robot.message == ""


def test_a_project_that_is_open_elsewhere_is_said_and_the_other_window_comes_forward(
    robot, window, opened, engine, qtbot
):
    folder = opened.project.folder
    other, failures = AppState(engine), []
    other.failed.connect(failures.append)
    with qtbot.waitSignal(opened.claim.asked_for):
        other.open_project(folder)
    assert other.project is None
    assert "“Insects” is open in another window" in failures[0].what
    qtbot.waitUntil(lambda: "opened once more" in robot.footer)
    opened.close_project()
    with qtbot.waitSignal(other.images_changed, timeout=LONG):
        other.open_project(folder)
    other.close()
