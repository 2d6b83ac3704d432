"""The dialog that finds a learning rate, in each of its states."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.gui.fake_training import ENDLESS_EPOCHS
from tlstudio.gui.pages.model.rate_dialog import CANCELLED, NO_CURVE, RateDialog

FINE = {"strategy": "fine-tune", "freeze": "blocks.4"}


@pytest.fixture
def show(opened, qtbot):
    def make(**recipe) -> RateDialog:
        dialog = RateDialog(opened, {**FINE, **recipe})
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def test_it_shows_the_curve_and_what_it_says(show, qtbot):
    dialog = show()
    taken = []
    dialog.taken.connect(taken.append)
    assert (dialog.figure._words, dialog.take.isVisible()) == (NO_CURVE, False)
    qtbot.waitUntil(lambda: not dialog.figure.image.isNull())
    assert dialog.words.text().startswith("The loss falls from the rate 0.0002 on")
    assert dialog.figure.accessibleDescription() == dialog.words.text()
    assert dialog.take.text() == "&Take 0.002"
    assert not dialog.bar.isVisible()
    assert not dialog.cancel.isVisible()
    dialog.take.click()
    assert taken == [{"optimiser": {"learning_rate_stages": 0.002, "learning_rate_head": 0.02}}]
    assert not dialog.isVisible()


def test_without_a_clear_suggestion_there_is_none_to_take(show, qtbot):
    dialog = show(seed=1)
    qtbot.waitUntil(lambda: not dialog.figure.image.isNull())
    assert dialog.words.text().startswith("The curve suggests no rate")
    assert not dialog.take.isVisible()
    assert dialog.close_button.isVisible()


def test_it_can_be_cancelled_and_begun_again(show, opened, qtbot):
    dialog = show(epochs=ENDLESS_EPOCHS)
    qtbot.waitUntil(lambda: dialog.bar.value() == 41)
    assert dialog.words.text() == "Trying learning rates…"
    dialog.cancel.click()
    assert dialog.words.text() == "Cancelling…"
    qtbot.waitUntil(dialog.again.isVisible)
    assert dialog.words.text() == CANCELLED
    dialog._recipe["epochs"] = 3
    dialog.again.click()
    assert not dialog.again.isVisible()
    qtbot.waitUntil(dialog.take.isVisible)


def test_closing_it_cancels_the_search(show, opened, qtbot):
    dialog = show(epochs=ENDLESS_EPOCHS)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: not opened.engine.open_jobs())


def test_a_failure_is_explained_in_it_alone(show, opened, qtbot):
    explained = []
    opened.explained.connect(explained.append)
    dialog = show(seed=2)
    qtbot.waitUntil(dialog.again.isVisible)
    assert dialog.words.text() == "An image can no longer be read. Nothing was changed. Put it back."
    assert explained == ["find-rate-project"]
    assert not dialog.take.isVisible()


def test_it_says_what_it_waits_for(show, opened, qtbot):
    ahead = opened.submit("wait", seconds=30)
    dialog = show()
    assert dialog.words.text() == "Waits for: Waiting."
    ahead.command("cancel")
    qtbot.waitUntil(dialog.take.isVisible)
