import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tlstudio.gui.actions import WindowActions
from tlstudio.gui.steps import STEPS


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    return window


def test_every_step_has_a_shortcut_and_shortcuts_are_unique(window):
    actions = WindowActions(window)
    assert list(actions.pages) == [step.page for step in STEPS]
    keys = [action.shortcut().toString() for action in actions.all if not action.shortcut().isEmpty()]
    assert keys[:6] == ["Ctrl+0", "Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4", "Ctrl+5"]
    assert len(set(keys)) == len(keys)


def test_a_shortcut_works_without_the_menu(window, qtbot):
    actions = WindowActions(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(actions.pages["train"].triggered):
        qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)


def test_menus_list_every_other_action_once(window):
    actions = WindowActions(window)
    menus = [actions.main_menu(), actions.help_menu()]
    held = [action for menu in menus for action in menu.actions() if not action.isSeparator()]
    assert len(held) == len({id(action) for action in held})
    assert {id(action) for action in held} == {
        id(action) for action in actions.all if action not in actions.pages.values()
    }
