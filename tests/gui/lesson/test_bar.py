"""The first lesson in the window, walked by a robot with the imitation of the engine."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from tests.gui.robots.lesson import LessonRobot
from tlstudio.gui.lesson.bar import LessonBar
from tlstudio.gui.lesson.memory import read_memory
from tlstudio.samples.first_lesson import ODD_IMAGE, WRONG_LABELS


@pytest.fixture
def lesson(window, qtbot) -> LessonRobot:
    return LessonRobot(window, qtbot)


def test_other_projects_have_no_lesson(lesson, app_state, photos, qtbot):
    with qtbot.waitSignal(app_state.images_changed):
        app_state.open_images(photos(), name="Insects")
    assert not lesson.bar.isVisible()


def test_the_lesson_leads_from_the_images_to_the_second_run(lesson, app_state, qtbot):
    lesson.open_sample()
    assert lesson.says("step 1 of 5", "Look at the images")
    assert not lesson.bar.show_me.isVisible(), "the page is shown already"
    lesson.window.show_page("evaluate")
    assert lesson.says("step 1 of 5"), "there is nothing to see yet"
    lesson.window.show_page("model")
    assert lesson.says("step 2 of 5", "Train")
    lesson.train()
    assert lesson.says("step 3 of 5", "See where it errs")
    lesson.press_show_me()
    assert lesson.window.current_page == "evaluate"
    assert not lesson.bar.leave_button.hasFocus(), "Enter would leave the lesson"
    assert lesson.says("step 4 of 5", "Find and mend")
    for number, (path, right) in enumerate(WRONG_LABELS.items(), start=1):
        app_state.edits.set_label([path], class_name=right)
        assert lesson.says(f"{number} of 4 mended")
    app_state.edits.set_label([ODD_IMAGE], class_name=None)
    assert lesson.says("step 5 of 5", "Train again")
    lesson.train()
    assert lesson.says("The lesson is done", "You mended four faults:")
    assert not lesson.bar.show_me.isVisible()
    lesson.press_leave()
    assert not lesson.bar.isVisible()


def test_a_step_is_undone_with_what_made_it_done(lesson, app_state):
    lesson.open_sample()
    lesson.train()
    lesson.window.show_page("evaluate")
    path, right = next(iter(WRONG_LABELS.items()))
    app_state.edits.set_label([path], class_name=right)
    assert lesson.says("1 of 4 mended")
    app_state.edits.undo()
    assert not lesson.says("mended.")


def test_a_fault_that_the_second_run_hides_is_named_with_its_place(lesson, app_state):
    lesson.open_sample()
    lesson.train()
    lesson.window.show_page("evaluate")
    for path, right in WRONG_LABELS.items():
        app_state.edits.set_label([path], class_name=right)
    app_state.edits.set_label([ODD_IMAGE], class_name="screw")
    assert lesson.says("3 of 4 mended", "Most wrong images")
    lesson.train()
    assert lesson.says("step 4 of 5", "nut-37.jpg is in the class “screw” on the Data page", "3 of 4 mended")
    lesson.press_show_me()
    assert lesson.window.current_page == "data"
    app_state.edits.set_label([ODD_IMAGE], class_name=None)
    assert lesson.says("step 5 of 5")


def test_a_wrong_label_that_is_only_taken_away_counts_as_mended(lesson, app_state):
    lesson.open_sample()
    lesson.train()
    lesson.window.show_page("evaluate")
    app_state.edits.set_label([next(iter(WRONG_LABELS))], class_name=None)
    assert lesson.says("1 of 4 mended")


def test_an_image_that_is_left_out_counts_as_mended_until_the_lesson_starts_again(lesson, app_state):
    lesson.open_sample()
    lesson.train()
    lesson.window.show_page("evaluate")
    app_state.edits.leave_out([ODD_IMAGE])
    assert lesson.says("1 of 4 mended")
    lesson.restart()
    assert not app_state.image(ODD_IMAGE).left_out


def test_the_lesson_can_be_left_and_that_is_remembered(lesson, app_state, qtbot):
    lesson.open_sample()
    lesson.press_leave()
    assert not lesson.bar.isVisible()
    assert read_memory().left
    again = LessonBar(app_state, QAction(lesson.window))
    qtbot.addWidget(again)
    again.page_shown("data")
    assert not again.isVisible()


def test_the_lesson_starts_again_from_help(lesson, app_state, qtbot):
    lesson.open_sample()
    lesson.train()
    path, right = next(iter(WRONG_LABELS.items()))
    app_state.edits.set_label([path, ODD_IMAGE], class_name=right)
    lesson.press_leave()
    lesson.restart()
    assert lesson.window.current_page == "data"
    qtbot.waitUntil(lambda: lesson.says("step 1 of 5"))
    assert app_state.image(path).label() == path.partition("/")[0]
    assert not read_memory().left
    lesson.window.show_page("model")
    assert lesson.says("step 2 of 5"), "the run of the first time does not count"


def test_help_opens_the_sample_from_anywhere(lesson, app_state, photos, qtbot):
    lesson.open_sample()
    lesson.train()
    app_state.edits.set_label([ODD_IMAGE], class_name=None)
    lesson.press_leave()
    with qtbot.waitSignal(app_state.images_changed):
        app_state.open_images(photos(), name="Insects")
    lesson.restart()
    qtbot.waitUntil(lambda: lesson.bar.isVisible() and bool(app_state.images()))
    assert lesson.says("step 1 of 5")


def test_the_lesson_blocks_nothing(lesson, app_state, qtbot):
    lesson.open_sample()
    for page in ("train", "use", "home", "data"):
        lesson.window.show_page(page)
        assert lesson.window.current_page == page
        assert lesson.says("step 1 of 5")
    lesson.window.show_page("train")
    lesson.press_show_me()
    assert lesson.window.current_page == "data"
    assert lesson.bar.show_me.focusPolicy() != Qt.FocusPolicy.NoFocus
    assert lesson.bar.leave_button.accessibleName() == "Leave the lesson"
