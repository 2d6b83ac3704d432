"""What a terminal would obey is shown as an escape; what people write stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlstudio.core.visible import shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb\nc\td", "a\\rb\\nc\\td"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("caf\udce9", "caf\\udce9"),
        ("Zażółć 日本 👩‍🔬 → “x”", "Zażółć 日本 👩‍🔬 → “x”"),
    ],
)
def test_escapes(text, shown):
    assert visible(text) == shown


def test_characters_can_be_kept():
    assert visible("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@given(st.text())
def test_nothing_that_controls_a_terminal_is_left(text):
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in visible(text))


def test_the_middle_of_an_endless_message_is_left_out():
    assert shortened("A file is damaged.") == "A file is damaged."
    long = shortened(f"{'a' * 200_000} is no folder.")
    assert len(long) < 1300
    assert long.startswith("aaa")
    assert long.endswith("a is no folder.")
