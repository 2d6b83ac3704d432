from dataclasses import astuple, fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette

from tlstudio.gui.theme import DARK, LIGHT, Colours, palette, style_sheet, theme


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = QColor(colour).getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_colour_can_be_read_where_it_is_used(colours: Colours):
    pairs = [(name, "surface") for name in ("text", "muted", "accent", "ok", "warn", "bad", "ice", "fire")]
    pairs += [(name, "bg") for name in ("text", "muted", "accent")]
    pairs += [("ice", "ice_soft"), ("fire", "fire_soft"), ("accent", "accent_soft"), ("on_accent", "accent")]
    pairs += [("text", "accent_soft"), ("muted", "accent_soft")]
    weak = {
        pair: round(contrast(*(getattr(colours, name) for name in pair)), 2)
        for pair in pairs
        if contrast(*(getattr(colours, name) for name in pair)) < 4.5
    }
    assert not weak


def test_tokens_are_plain_colours_and_differ_between_light_and_dark():
    for colours in (LIGHT, DARK):
        assert all(QColor(value).isValid() and len(value) == 7 for value in astuple(colours))
    same = [
        field.name for field in fields(Colours) if getattr(LIGHT, field.name) == getattr(DARK, field.name)
    ]
    assert not same


def test_the_choice_decides_and_system_follows_the_desktop(qapp, monkeypatch):
    theme().apply(qapp, "dark")
    assert theme().is_dark
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.bg)
    theme().apply(qapp, "light")
    assert not theme().is_dark
    theme().apply(qapp, "system")
    desktop = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert theme().is_dark is desktop


def test_widgets_hear_of_a_change(qapp, qtbot):
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
