"""The first lesson in the real window with the real engine: what was planted is found and mended."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.robots.evaluate import EvaluateRobot
from tests.gui.robots.lesson import LessonRobot
from tests.gui.robots.model import ModelRobot
from tlstudio.gui.main_window import MainWindow
from tlstudio.samples.first_lesson import ODD_IMAGE, WRONG_LABELS
from tlstudio.specs import default_strategy

PLANTED = {*WRONG_LABELS, ODD_IMAGE}
LOOKED_THROUGH = 6
"""Images that a person sees first among the most wrong."""


def train(window: MainWindow, qtbot) -> None:
    """Choose “Quick” on the Model page, as the lesson says, and press Train."""
    window.show_page("model")
    qtbot.waitUntil(lambda: window.page("model").train_button.isEnabled())
    model = ModelRobot(window.page("model"), qtbot)
    model.choose_way(default_strategy(trains_stages=False).id)
    model.train()
    qtbot.waitUntil(lambda: window.app_state.training is None, timeout=200_000)


@pytest.mark.exhaustive
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("own_folders")
def test_the_planted_faults_are_found_and_mended(real_window, qtbot):
    lesson = LessonRobot(real_window, qtbot)
    lesson.open_sample()
    assert len(real_window.app_state.images()) == 240
    assert lesson.says("step 1 of 5")
    train(real_window, qtbot)
    assert lesson.says("step 3 of 5")
    lesson.press_show_me()
    evaluate = EvaluateRobot(real_window.page("evaluate"), qtbot).wait_for_figures()
    before = evaluate.accuracy
    assert lesson.says("step 4 of 5")
    assert set(evaluate.wrong_images()[:LOOKED_THROUGH]) >= PLANTED
    card = evaluate.page.view.wrong_card
    for path, name in (*WRONG_LABELS.items(), (ODD_IMAGE, "No class")):
        card.grid.select_key(path)
        QTest.mouseClick(card.relabel, Qt.MouseButton.LeftButton)
        evaluate.choose_class(name)
    qtbot.waitUntil(lambda: lesson.says("step 5 of 5"))
    train(real_window, qtbot)
    qtbot.waitUntil(lambda: lesson.says("The lesson is done", f"{before} before"))
    real_window.show_page("evaluate")
    evaluate.wait_for_figures()
    assert float(evaluate.accuracy.split()[0]) > float(before.split()[0]) + 5
