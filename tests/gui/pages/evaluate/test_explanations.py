"""What explains a prediction, in the dialog of one image, with the stand-in of the engine."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.made_runs import make_run
from tests.gui.robots.evaluate import EvaluateRobot
from tlstudio.gui.pages.evaluate.page import EvaluatePage
from tlstudio.gui.pages.evaluate.prediction_dialog import PredictionDialog


@pytest.fixture
def robot(opened, qtbot) -> EvaluateRobot:
    paths: dict[str, list[str]] = {}
    for image in opened.images():
        paths.setdefault(image.label(), []).append(image.path)
    opened.select_run(make_run(opened.project.runs_folder / "run-1", paths=paths, accuracy=0.5))
    return EvaluateRobot(EvaluatePage(opened), qtbot).show().wait_for_figures()


@pytest.fixture
def dialog(robot: EvaluateRobot) -> PredictionDialog:
    robot.open_image(robot.page.view.wrong_card)
    yield robot.page.view.dialog
    robot.page.view.dialog.reject()


def choose(dialog: PredictionDialog, kind: str) -> None:
    QTest.mouseClick(dialog.explanations.chips[kind], Qt.MouseButton.LeftButton)


def test_the_map_comes_with_what_covering_it_shows(dialog, qtbot):
    shown = dialog.explanations
    assert shown.words.isHidden()
    choose(dialog, "looked")
    assert "One moment" in shown.words.text()
    qtbot.waitUntil(lambda: "bright parts do matter" in shown.words.text(), timeout=5_000)
    qtbot.waitUntil(lambda: not shown.map.image.isNull(), timeout=5_000)
    assert shown.map.isVisible()
    choose(dialog, "photo")
    assert shown.words.isHidden()
    assert shown.picture.isVisible()


def test_the_chosen_view_stays_while_the_arrows_go_through_the_images(dialog, qtbot):
    shown = dialog.explanations
    choose(dialog, "similar")
    qtbot.waitUntil(lambda: shown.grid.isVisible(), timeout=5_000)
    first = [item.key for item in shown.grid.items()]
    QTest.keyClick(dialog, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: [item.key for item in shown.grid.items()] != first, timeout=5_000)
    assert "labelled bees" in shown.words.text()


def test_a_training_image_that_pulled_it_there_is_relabelled_in_place(robot, dialog, opened, qtbot):
    shown = dialog.explanations
    choose(dialog, "pulled")
    qtbot.waitUntil(lambda: shown.grid.isVisible(), timeout=5_000)
    assert [item.badge for item in shown.grid.items()] == ["50.0 %", "40.0 %", "30.0 %"]
    assert dialog.relabel.text() == "&Relabel…"
    chosen = shown.grid.items()[1].key
    shown.grid.select_key(chosen)
    assert dialog.relabel.text() == "&Relabel the selected…"
    QTest.mouseClick(dialog.relabel, Qt.MouseButton.LeftButton)
    other = next(one.name for one in opened.edits.looks() if one.name != opened.image(chosen).label())
    robot.choose_class(other)
    assert opened.image(chosen).label() == other
    assert shown.grid.items()[1].badge == "relabelled"
    opened.edits.undo()
    assert shown.grid.items()[1].badge == "40.0 %"


def test_a_training_image_is_left_out_in_place(dialog, opened, qtbot):
    shown = dialog.explanations
    choose(dialog, "similar")
    qtbot.waitUntil(lambda: shown.grid.isVisible(), timeout=5_000)
    chosen = shown.grid.items()[0].key
    shown.grid.select_key(chosen)
    QTest.mouseClick(dialog.leave_out, Qt.MouseButton.LeftButton)
    assert opened.image(chosen).left_out
    assert shown.grid.items()[0].badge == "left out"


def test_going_back_to_the_photo_stops_what_was_being_found_out(dialog, qtbot):
    shown = dialog.explanations
    choose(dialog, "looked")
    choose(dialog, "photo")
    assert shown.words.isHidden()
    qtbot.wait(50)
    assert shown.picture.isVisible()
