import pytest
from PySide6.QtWidgets import QWidget

from tlstudio.core.files import settings_dir
from tlstudio.gui.geometry import FRAME, USUAL, restore_geometry, save_geometry


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    return window


def test_size_and_position_are_restored(window, qtbot):
    window.setGeometry(30, 40, 500, 400)
    save_geometry(window)
    again = QWidget()
    qtbot.addWidget(again)
    restore_geometry(again)
    assert (again.width(), again.height()) == (500, 400)


def test_the_first_window_is_no_larger_than_the_screen(window):
    restore_geometry(window)
    assert window.size() == USUAL.boundedTo(window.screen().availableGeometry().size() - FRAME)


@pytest.mark.parametrize(
    "damage", ["not json", "[]", "{}", '{"geometry": 5}', '{"geometry": "%%%"}', '{"geometry": "AAAA"}']
)
def test_a_damaged_geometry_file_is_ignored(window, damage):
    file = settings_dir() / "window.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(damage, encoding="utf-8")
    restore_geometry(window)
    assert window.size() == USUAL.boundedTo(window.screen().availableGeometry().size() - FRAME)
