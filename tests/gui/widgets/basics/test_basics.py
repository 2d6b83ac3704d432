"""Card, chip, buttons, empty state: what every page is made of."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tlstudio.gui.widgets.basics.buttons import link_button, primary_button, quiet_button
from tlstudio.gui.widgets.basics.card import Card
from tlstudio.gui.widgets.basics.chip import Chip
from tlstudio.gui.widgets.basics.empty import EmptyState


@pytest.fixture
def shown(qtbot):
    """Shows a widget in a window of a given width."""
    windows = []

    def show(widget, *, width: int):
        window = QWidget()
        QVBoxLayout(window).addWidget(widget)
        qtbot.addWidget(window)
        window.resize(width, 120)
        window.show()
        qtbot.waitExposed(window)
        window.grab()
        windows.append(window)
        return widget

    return show


def test_no_widget_is_shown_as_a_window_of_its_own(qtbot, own_windows):
    for widget in (Card("Classes"), EmptyState("No images yet", "Drop some.", action="Choose…")):
        qtbot.addWidget(widget)
    assert own_windows == []


def test_a_card_has_a_title_and_room(shown):
    card = shown(Card("Classes"), width=300)
    card.body.addWidget(QLabel("daisy"))
    assert card.title == "Classes"
    assert card.accessibleName() == "Classes"
    card.set_title("")
    assert not card.findChild(QLabel).isVisible()


def test_a_chip_without_a_slot_takes_no_keyboard_focus(qtbot):
    chip = Chip("● saved", kind="ok")
    qtbot.addWidget(chip)
    assert chip.focusPolicy() == Qt.FocusPolicy.NoFocus
    chip.clicked.connect(lambda: None)
    assert chip.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_a_checkable_chip_is_switched_by_keyboard(shown, qtbot):
    chip = shown(Chip("small", checkable=True), width=200)
    with qtbot.waitSignal(chip.toggled):
        qtbot.keyClick(chip, Qt.Key.Key_Space)
    assert chip.isChecked()


def test_an_elided_chip_has_its_full_text_in_the_tip(shown):
    text = "A very long chip that says a whole sentence about a class"
    chip = shown(Chip(text, tip="What it means"), width=120)
    assert chip.toolTip() == f"{text}\nWhat it means"
    assert chip.accessibleName() == text
    roomy = shown(Chip("short", tip="What it means"), width=300)
    assert roomy.toolTip() == "What it means"


def test_a_chip_changes_its_colour(shown):
    chip = shown(Chip("3 files cannot be read", kind="ok"), width=300)
    before = chip.grab().toImage()
    chip.set_kind("bad")
    assert chip.grab().toImage() != before


@pytest.mark.parametrize("make", [primary_button, quiet_button, link_button])
def test_buttons_have_a_name_a_tip_and_a_key(qtbot, make):
    button = make("Choose &folder…", tip="Choose a folder of images")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Choose folder"
    assert button.accessibleDescription() == button.toolTip() == "Choose a folder of images"
    assert button.shortcut().toString() == "Alt+F"


def test_an_empty_state_leads_on(shown, qtbot):
    empty = shown(EmptyState("No images yet", "Drop a folder.", action="Choose folder…"), width=500)
    with qtbot.waitSignal(empty.action_requested):
        qtbot.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    empty.set_text("No run yet", "Train one.")
    assert empty.accessibleName() == "No run yet"
    assert not shown(EmptyState("Nothing", "To do.", action=None), width=500).button.isVisible()
