from dataclasses import asdict

import pytest

from tlstudio.core.colours import DARK, LIGHT, Colours


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_colour_can_be_read_where_it_is_used(colours: Colours) -> None:
    pairs = [(name, "surface") for name in ("text", "muted", "accent", "ok", "warn", "bad", "ice", "fire")]
    pairs += [(name, "bg") for name in ("text", "muted", "accent")]
    pairs += [("ice", "ice_soft"), ("fire", "fire_soft"), ("accent", "accent_soft"), ("on_accent", "accent")]
    pairs += [("text", "accent_soft"), ("muted", "accent_soft")]
    ratios = {pair: contrast(*(getattr(colours, name) for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


def test_tokens_are_hexadecimal_and_differ_between_light_and_dark() -> None:
    light, dark = asdict(LIGHT), asdict(DARK)
    for value in (*light.values(), *dark.values()):
        assert len(value) == 7
        assert value.startswith("#")
        int(value[1:], 16)
    assert [name for name in light if light[name] == dark[name]] == []
