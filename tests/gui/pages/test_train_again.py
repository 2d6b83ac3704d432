"""After relabelling, one button trains again; figures of the last finished run stay in sight."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.made_runs import make_run
from tests.gui.robots.data import DataRobot
from tests.gui.robots.evaluate import EvaluateRobot
from tlstudio.gui.pages.data.page import DataPage
from tlstudio.gui.pages.evaluate.page import EvaluatePage
from tlstudio.gui.pages.unfinished import unfinished_words
from tlstudio.gui.pages.use.page import UsePage
from tlstudio.gui.steps import steps_done

LONG = 20_000


@pytest.fixture
def trained(opened, qtbot):
    """A project with a run trained by settings that are no longer those of the draft."""
    opened.update_recipe({"epochs": 2, "seed": 7})
    opened.train()
    qtbot.waitUntil(lambda: opened.training is None and opened.run.finished, timeout=LONG)
    opened.update_recipe({"epochs": 9, "seed": 1})
    return opened


def unfinished(app_state, name: str):
    paths: dict[str, list[str]] = {}
    for image in app_state.images():
        paths.setdefault(image.label(), []).append(image.path)
    return make_run(app_state.project.runs_folder / name, paths=paths, finished=False, done=1)


@pytest.mark.parametrize("page", ["data", "evaluate"])
def test_the_button_trains_again_with_the_settings_of_the_run(trained, qtbot, page):
    if page == "data":
        robot = DataRobot(DataPage(trained), qtbot).show()
    else:
        robot = EvaluateRobot(EvaluatePage(trained), qtbot).show().wait_for_figures()
    card = robot.page.again
    assert not card.isVisible(), "nothing changed yet"
    trained.edits.set_label([trained.images()[0].path], class_name="bees")
    qtbot.waitUntil(card.isVisible)
    assert card.words.text().startswith("Since run 1: 1 image relabelled.")
    with qtbot.waitSignal(robot.page.go_to) as gone:
        QTest.mouseClick(card.button, Qt.MouseButton.LeftButton)
    assert gone.args == ["train"]
    recipe = trained.training.request.arguments["recipe"]
    assert (recipe["epochs"], recipe["seed"]) == (2, 7)
    assert "classes" not in recipe
    assert trained.recipe()["epochs"] == 9, "the draft on the Model page stays"
    qtbot.waitUntil(lambda: trained.training is None, timeout=LONG)
    assert trained.run.path.name == "run-2"
    assert trained.run.finished
    qtbot.waitUntil(lambda: not card.isVisible())


def test_undo_withdraws_the_sentence(trained, qtbot):
    robot = DataRobot(DataPage(trained), qtbot).show()
    trained.edits.set_label([trained.images()[0].path], class_name="bees")
    qtbot.waitUntil(robot.page.again.isVisible)
    trained.edits.undo()
    qtbot.waitUntil(lambda: not robot.page.again.isVisible())
    trained.edits.leave_out([trained.images()[0].path])
    qtbot.waitUntil(robot.page.again.isVisible)
    assert "1 image not used any more" in robot.page.again.words.text()


def test_evaluate_has_a_button_on_to_use(trained, qtbot):
    robot = EvaluateRobot(EvaluatePage(trained), qtbot).show().wait_for_figures()
    with qtbot.waitSignal(robot.page.go_to) as gone:
        QTest.mouseClick(robot.page.view.headline.use, Qt.MouseButton.LeftButton)
    assert gone.args == ["use"]


def test_a_run_that_failed_does_not_hide_the_finished_one(trained, qtbot):
    first = trained.run
    failed = unfinished(trained, "run-2")
    trained.select_run(failed)
    robot = EvaluateRobot(EvaluatePage(trained), qtbot).show().wait_for_figures()
    assert robot.page.notice.text() == "Run 2 did not finish. Until it has figures, this is run 1."
    use = UsePage(trained)
    qtbot.addWidget(use)
    qtbot.waitUntil(lambda: use.model == str(first.path))
    assert "Run 2 did not finish" in use._words.text()
    assert steps_done(trained, evaluated=())["train"]
    trained.select_run(first)
    robot.wait_for_figures()
    assert not robot.page.notice.isVisible()
    assert unfinished_words(trained) == ""


def test_the_finished_run_is_found_when_the_project_is_opened_again(trained, qtbot):
    unfinished(trained, "run-2")
    with qtbot.waitSignal(trained.images_changed, timeout=LONG):
        trained.open_project(trained.project.folder)
    assert trained.run.path.name == "run-2", "it can be resumed on the Train page"
    assert trained.finished_run().path.name == "run-1"


def test_without_any_finished_run_nothing_is_offered(opened, qtbot):
    opened.select_run(unfinished(opened, "run-1"))
    robot = DataRobot(DataPage(opened), qtbot).show()
    opened.edits.set_label([opened.images()[0].path], class_name="bees")
    qtbot.wait(300)
    assert not robot.page.again.isVisible()
    assert unfinished_words(opened) == ""


def test_all_images_are_cross_validated_once(trained, qtbot):
    robot = EvaluateRobot(EvaluatePage(trained), qtbot).show().wait_for_figures()
    chip = robot.page.view.headline.chips["cross-validated"]
    assert chip.isVisible()
    robot.choose_subset("cross-validated")
    robot.wait_for_figures("cross-validated")
    assert "images left out in turn right" in robot.words
    assert chip.isChecked()
    robot.choose_subset("test")
    robot.wait_for_figures("test")
    qtbot.waitUntil(lambda: not trained.engine.open_jobs(), timeout=LONG)
    robot.choose_subset("cross-validated")
    assert robot.page.view.shown.subset == "cross-validated", "at once"
    assert not trained.engine.open_jobs()
