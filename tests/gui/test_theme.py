from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette

from tlstudio.core.colours import DARK, LIGHT
from tlstudio.gui.theme import palette, style_sheet, theme


def test_the_appearance_is_as_chosen_or_follows_the_desktop(qapp, monkeypatch):
    theme().apply(qapp, "dark")
    assert theme().is_dark
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.bg)
    theme().apply(qapp, "light")
    assert not theme().is_dark
    theme().apply(qapp, "system")
    desktop = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert theme().is_dark is desktop


def test_a_change_of_the_theme_is_emitted(qapp, qtbot):
    with qtbot.waitSignal(theme().changed):
        theme().apply(qapp, "dark")


def test_text_size_scales_all_text(qapp):
    theme().apply(qapp, "light", text_scale=1.3)
    assert qapp.font().pixelSize() == 17
    assert "font-size: 26px" in style_sheet(LIGHT, text_scale=1.3)
    assert theme().pixels(100) == 130


def test_style_sheet_is_filled_in_completely():
    for colours in (LIGHT, DARK):
        text = style_sheet(colours)
        assert "$" not in text
        assert colours.fire_soft in text
    assert "down-dark.svg" in style_sheet(DARK)


def test_disabled_text_differs_from_enabled_text():
    made = palette(LIGHT)
    text = QPalette.ColorRole.Text
    assert made.color(QPalette.ColorGroup.Disabled, text) != made.color(QPalette.ColorGroup.Active, text)
