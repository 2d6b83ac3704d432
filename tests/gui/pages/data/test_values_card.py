"""The card that says how images with more than 8 bits are seen."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tlstudio.core.values import ValueSummary
from tlstudio.gui.app_state import AppState
from tlstudio.gui.pages.data.values_card import ValuesCard
from tlstudio.gui.pages.data.values_dialog import ValuesDialog
from tlstudio.gui.theme import theme
from tlstudio.gui.value_windows import shown_windows
from tlstudio.gui.widgets.images.thumbnails import read_small

GREY = ValueSummary(layout="grey, whole numbers", bits=12, least=(0,), low=(100,), high=(900,), most=(4095,))
STACK = ValueSummary(
    layout="5 channels, whole numbers",
    bits=12,
    least=(0,) * 5,
    low=(100,) * 5,
    high=(900,) * 5,
    most=(4095,) * 5,
)


def with_values(app_state: AppState, summary: ValueSummary | None) -> None:
    """As a scan would leave it: every second image is a deep one."""
    assert app_state.project is not None
    dataset = app_state.project.dataset()
    images = [
        replace(image, values=summary if number % 2 else None) for number, image in enumerate(dataset.images)
    ]
    app_state.project.apply_scan(replace(dataset, images=tuple(images)))
    app_state._images.reload()


@pytest.fixture
def card(opened, qtbot) -> ValuesCard:
    card = ValuesCard(opened)
    qtbot.addWidget(card)
    card.resize(224, 300)
    return card


def dialog_of(card: ValuesCard, qtbot) -> ValuesDialog:
    card.show()
    card.change.click()
    dialog = card.findChild(ValuesDialog)
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def test_it_appears_only_where_there_are_such_images(card, opened, qtbot):
    assert card.isHidden()
    assert shown_windows().windows is None
    with_values(opened, GREY)
    qtbot.waitUntil(lambda: not card.isHidden())
    assert card.words.text() == "Black and white are the same for all images."
    assert "12 images (grey, whole numbers): values 100 to 900" in card.words.toolTip()
    assert shown_windows().windows[0].low == (100,)
    with_values(opened, None)
    qtbot.waitUntil(card.isHidden)
    assert shown_windows().windows is None


def test_numbers_of_ones_own_are_kept_in_the_draft(card, opened, qtbot):
    with_values(opened, GREY)
    qtbot.waitUntil(lambda: not card.isHidden())
    dialog = dialog_of(card, qtbot)
    assert not dialog.range.isEnabled()
    assert not dialog.channels.isVisible()
    assert (dialog.low.text(), dialog.high.text()) == ("100", "900")
    dialog.low.setValue(100.5)
    assert dialog.low.text() == dialog.locale().toString(100.5, "f", 3)
    dialog.low.setValue(100)
    dialog.window_box.setCurrentIndex(3)
    dialog.window_box.activated.emit(3)
    assert dialog.range.isEnabled()
    dialog.high.setValue(500)
    assert opened.recipe()["values"] == {"window": "given", "low": 100, "high": 500, "channels": []}
    assert shown_windows().windows[0].high == (500,)
    assert card.words.text() == "Black and white are your own numbers."
    dialog.low.setValue(700)
    assert "below the value for white" in dialog.fault.text()
    assert opened.recipe()["values"]["low"] == 100
    dialog.close()


def test_nothing_is_cut_in_larger_text(card, opened, qtbot, qapp):
    theme().apply(qapp, "light", text_scale=1.3)
    with_values(opened, GREY)
    qtbot.waitUntil(lambda: not card.isHidden())
    dialog = dialog_of(card, qtbot)
    labels = [label for label in dialog.findChildren(QLabel) if label.isVisible() and label.text()]
    assert len(labels) > 3
    for label in labels:
        assert label.height() >= label.heightForWidth(label.width()), label.text()
        assert label.width() >= label.minimumSizeHint().width(), label.text()
    dialog.close()


def test_channels_are_picked(card, opened, qtbot):
    with_values(opened, STACK)
    qtbot.waitUntil(lambda: not card.isHidden())
    dialog = dialog_of(card, qtbot)
    assert "channel 1 as red, 2 as green, 3 as blue" in dialog.words.text()
    QTest.keyClicks(dialog.channels, "5, 2")
    dialog.channels.editingFinished.emit()
    assert opened.recipe()["values"]["channels"] == [5, 2]
    assert shown_windows().windows[0].channels == (5, 2)
    assert "Channels 5, 2 are seen." in card.words.text()
    for wrong, words in (("9", "1 to 5"), ("1 2 3 4", "up to three"), ("red", "numbers of channels")):
        dialog.channels.setText(wrong)
        dialog.channels.editingFinished.emit()
        assert words in dialog.fault.text()
    assert opened.recipe()["values"]["channels"] == [5, 2]
    dialog.close()


def test_thumbnails_are_seen_through_the_window(card, opened, qtbot, tmp_path):
    Image.fromarray(np.full((8, 9), 500, np.uint16)).save(tmp_path / "a.tif")
    with_values(opened, GREY)
    qtbot.waitUntil(lambda: not card.isHidden())
    seen = read_small(str(tmp_path / "a.tif"), side=9, windows=shown_windows().windows)
    assert seen.pixelColor(4, 4).red() == 128


def test_a_pipe_is_no_thumbnail(tmp_path):
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jpg")
        assert read_small(str(tmp_path / "pipe.jpg"), side=9).isNull()
