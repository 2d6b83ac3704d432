"""Comparing backbones on the project's images from the Model page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.gui.fake_training import ENDLESS_EPOCHS
from tests.gui.robots.train import TrainRobot
from tlstudio.core.events import StageProgress
from tlstudio.gui.pages.model.backbones import BackbonePanel
from tlstudio.gui.pages.model.comparing import COMPARE, COMPARING, comparison_texts
from tlstudio.gui.pages.train.page import TrainPage


def row(name: str, accuracy: float, *, high: float) -> dict:
    return {
        "id": name, "title": name.upper(), "accuracy": accuracy, "interval": [accuracy - 0.1, accuracy + 0.1],
        "n": 200, "difference": accuracy - 0.8, "difference_interval": [high - 0.2, high],
        "seconds_per_1000": 8.25,
    }  # fmt: skip


def test_each_card_tells_its_figure_and_how_it_compares():
    texts = comparison_texts([row("a", 0.8, high=0.0), row("b", 0.77, high=0.03), row("c", 0.6, high=-0.1)])
    assert texts["a"].words == "Your images: 80 % right (70–90 %), about 8 s per 1000 images"
    assert texts["a"].tip.startswith("The most accurate one here. Each of 200 images was judged")
    assert texts["b"].tip.startswith("Not clearly less accurate than A here; among such take the fastest.")
    assert texts["c"].tip.startswith("Clearly less accurate than A here.")


@pytest.fixture
def panel(opened, qtbot):
    panel = BackbonePanel(opened)
    qtbot.addWidget(panel)
    panel.resize(330, 700)
    panel.show()
    return panel


def measured_words(panel: BackbonePanel) -> dict[str, str]:
    return {name: card.measured.text() for name, card in panel.cards.items() if card.measured.text()}


def test_the_cards_show_what_was_measured_until_the_images_change(panel, opened, qtbot):
    button = panel.comparison.button
    assert (button.text(), measured_words(panel)) == (COMPARE, {})
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isVisible()
    assert panel.comparison.words.text() == COMPARING
    qtbot.waitUntil(button.isVisible)
    words = measured_words(panel)
    assert set(words) == {name for name, card in panel.cards.items() if card.ready}
    assert all(text.startswith("Your images: ") for text in words.values())
    opened.update_recipe({"epochs": 7})
    assert measured_words(panel) == words, "nothing of it depends on the epochs"
    opened.edits.set_label([opened.images()[0].path], class_name="moss")
    assert measured_words(panel) == {}


def test_reading_the_folder_again_keeps_what_nothing_has_changed(panel, opened, qtbot):
    opened.rescan()
    button = panel.comparison.button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.comparison.words.text().startswith("Waits for: ")
    qtbot.waitUntil(button.isVisible)
    words = measured_words(panel)
    assert words
    with qtbot.waitSignal(opened.images_changed):
        opened.rescan()
    assert measured_words(panel) == words


def test_what_was_given_up_counts_no_more(panel, opened, qtbot):
    opened.update_recipe({"epochs": ENDLESS_EPOCHS})
    comparison = panel.comparison
    qtbot.mouseClick(comparison.button, Qt.MouseButton.LeftButton)
    given_up = comparison._job
    opened.edits.set_label([opened.images()[0].path], class_name="moss")
    assert given_up.is_cancelling
    comparison._counted = ""
    given_up.event_received.emit(StageProgress(run_id="x", stage="ranking", done=7, total=24))
    assert comparison._counted == ""
    qtbot.waitUntil(lambda: not given_up.is_open)


def test_it_can_be_cancelled(panel, opened, qtbot):
    opened.update_recipe({"epochs": ENDLESS_EPOCHS})
    button = panel.comparison.button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.comparison.cancel, Qt.MouseButton.LeftButton)
    assert panel.comparison.words.text() == "Cancelling…"
    qtbot.waitUntil(button.isEnabled)
    assert measured_words(panel) == {}


def test_it_says_what_it_waits_for_and_can_be_cancelled_meanwhile(panel, opened, qtbot):
    ahead = opened.submit("wait", seconds=30)
    button = panel.comparison.button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.comparison.words.text() == "Waits for: Waiting."
    qtbot.mouseClick(panel.comparison.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(button.isEnabled)
    assert ahead.is_open, "that job goes on"
    ahead.command("cancel")
    qtbot.waitUntil(lambda: not ahead.is_open)


def test_how_far_it_is_is_counted(panel, opened, qtbot):
    ahead = opened.submit("wait", seconds=30)
    opened.update_recipe({"epochs": ENDLESS_EPOCHS})
    qtbot.mouseClick(panel.comparison.button, Qt.MouseButton.LeftButton)
    ahead.command("cancel")
    qtbot.waitUntil(lambda: panel.comparison.words.text() == f"{COMPARING} 0 of 24")
    qtbot.mouseClick(panel.comparison.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.comparison.button.isEnabled)


def test_a_training_waits_for_it_and_says_so(panel, opened, qtbot):
    opened.update_recipe({"epochs": ENDLESS_EPOCHS})
    qtbot.mouseClick(panel.comparison.button, Qt.MouseButton.LeftButton)
    comparison = opened.engine.open_jobs()[0]
    opened.train()
    page = TrainRobot(TrainPage(opened), qtbot).show()
    page.wait_for_chip("waiting")
    assert page.story == "Waits for: Comparing backbones. Cancel that below to start at once."
    assert page.page.summary().endswith("waiting")
    comparison.command("cancel")
    qtbot.waitUntil(lambda: opened.training is None)


def test_what_is_being_stopped_anyway_is_not_to_be_cancelled(opened, qtbot):
    opened.update_recipe({"epochs": ENDLESS_EPOCHS})
    ahead = opened.submit("wait", seconds=30)
    ahead.command("cancel")
    opened.train()
    training = opened.training
    page = TrainRobot(TrainPage(opened), qtbot)
    assert page.story == "Waits until this has stopped: Waiting."
    qtbot.waitUntil(lambda: not ahead.is_open)
    assert not page.story.startswith("Waits")
    training.command("cancel")
    qtbot.waitUntil(lambda: opened.training is None)


def test_it_needs_a_project(app_state, qtbot):
    panel = BackbonePanel(app_state)
    qtbot.addWidget(panel)
    assert not panel.comparison.button.isEnabled()
